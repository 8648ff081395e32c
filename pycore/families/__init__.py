"""Families of models: what is particular to each, behind one Protocol."""

from pycore.families.family import DecoderShape, ModelFamily
from pycore.families.known import check_model, family_of

__all__ = ["DecoderShape", "ModelFamily", "check_model", "family_of"]
