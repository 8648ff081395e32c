"""When a sequence is complete.

Source: transformers 4.57.6, generation/stopping_criteria.py (``MaxLengthCriteria``,
``EosTokenCriteria``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pycore.generation.config import GenerationConfig
    from pycore.interfaces import IntArray


@dataclass(frozen=True, slots=True)
class StoppingCriteria:
    """A sequence is complete at an end token or at the length limit.

    Attributes:
        eos_token_ids: int64 of shape (n,), the end tokens; may be empty.
        total_length: the most tokens of a sequence, start tokens counted.
    """

    eos_token_ids: IntArray
    total_length: int

    @classmethod
    def from_config(cls, config: GenerationConfig) -> StoppingCriteria:
        """Read the criteria that a configuration asks for."""
        return cls(np.array(config.eos_token_ids, dtype=np.int64), config.total_length)

    def __call__(self, newest: IntArray, length: int) -> NDArray[np.bool_]:
        """Tell which sequences are complete.

        Args:
            newest: int64 of shape (rows,), the newest token of each sequence.
            length: tokens in each sequence, the newest and the start tokens counted.

        Returns:
            bool of shape (rows,).
        """
        if length >= self.total_length:
            return np.ones(newest.shape, dtype=np.bool_)
        complete: NDArray[np.bool_] = (newest[:, None] == self.eos_token_ids).any(axis=1)
        return complete
