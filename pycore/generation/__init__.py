"""Generation: from a decoder session to token ids, as transformers' ``generate`` does it."""

from pycore.generation.config import OPTION_NAMES, GenerationConfig
from pycore.generation.generate import generate
from pycore.generation.output import Hypothesis, OnStep, Partial

__all__ = ["OPTION_NAMES", "GenerationConfig", "Hypothesis", "OnStep", "Partial", "generate"]
