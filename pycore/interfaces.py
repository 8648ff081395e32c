"""What pycore asks of the world around it: the model runtime, progress and cancelling.

The worker implements these on onnxruntime-web, tests on NumPy or on CPU onnxruntime. Key/value
caches and encoder states stay behind the sessions; only token ids and logits cross over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int64]

Stage = Literal["image", "encode", "decode", "text"]

ProgressCallback = Callable[[Stage, int, int], None]
"""Called as ``(stage, done, total)``."""


class CancelToken(Protocol):
    """Asked between steps whether to go on."""

    def raise_if_cancelled(self) -> None:
        """Return, or raise.

        Raises:
            CancelledError: when the job was stopped.
        """


class StepOutput(NamedTuple):
    """What a decoder step gives.

    Attributes:
        logits: of the last position, float32 of shape (batch, vocab_size), unbounded.
        logsumexp: logarithm of the sum of their exponentials, float32 of shape (batch, 1), where
            the runtime computes it (in Python it takes longer than all the rest of a step); None
            leaves it to the caller.
    """

    logits: FloatArray
    logsumexp: FloatArray | None = None


class DecoderSession(Protocol):
    """One batch of sequences being decoded for some images; it owns its key/value caches."""

    async def step(self, input_ids: IntArray, beam_idx: IntArray | None = None) -> StepOutput:
        """Run the decoder on the newest tokens.

        Args:
            input_ids: int64 of shape (batch, length): the whole start sequence in the first step,
                the newest token of each row (length 1) afterwards. Rows are never padded.
            beam_idx: int64 of shape (batch,): row ``i`` of the new batch continues row
                ``beam_idx[i]`` of the last step; the batch may grow or shrink. None keeps the
                rows. Not allowed in the first step.

        Returns:
            The logits that follow the newest tokens.

        Raises:
            InferenceError: when the runtime fails.
        """

    async def attend(self, input_ids: IntArray, images: IntArray) -> FloatArray | None:
        """Read whole sequences at once, beside the caches, and tell where the decoder looks.

        Called only on sessions that were opened for it: ``CaptionModel.encode(attentions=True)``.

        Args:
            input_ids: int64 of shape (sequences, length), each from its start token on.
            images: int64 of shape (sequences,): the image that each sequence is about.

        Returns:
            Cross-attention weights, averaged over layers and heads: float32 of shape
            (sequences, length, encoder tokens), 0 to 1, the last axis sums to 1. None where the
            decoder does not tell.

        Raises:
            InferenceError: when the runtime fails.
        """

    def release(self) -> None:
        """Free the caches and the encoder states. Harmless when called twice."""


class EncodedImages(Protocol):
    """What a vision encoder saw in some images; answers are written about it."""

    async def open(self, prompt_ids: Sequence[int] = ()) -> DecoderSession:
        """Open a decoder session about the images.

        Args:
            prompt_ids: what the model is asked, the same for each image. Models that are not asked
                in words take none, and open one session only.

        Returns:
            A session with one row for each image that has seen no token yet.

        Raises:
            InferenceError: when the runtime fails.
        """

    def release(self) -> None:
        """Free what was seen. Sessions that are open stay usable. Harmless when called twice."""


class CaptionModel(Protocol):
    """A vision encoder and a decoder behind some runtime."""

    async def encode(self, pixel_values: FloatArray, *, attentions: bool = False) -> EncodedImages:
        """Run the vision encoder on images.

        Args:
            pixel_values: float32 of shape (images, 3, height, width), as the image processor made
                them.
            attentions: ``attend`` will be called.

        Raises:
            InferenceError: when the runtime fails.
        """
