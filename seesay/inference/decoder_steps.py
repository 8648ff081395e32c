"""Decoder steps with their key/value caches: pycore's DecoderSession, on either decoder layout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pycore.errors import InferenceError
from pycore.interfaces import FloatArray, IntArray, StepOutput

if TYPE_CHECKING:
    from seesay.inference.sessions import Session

Arrays = dict[str, FloatArray]

INPUT_IDS, LOGITS, USE_CACHE_BRANCH = "input_ids", "logits", "use_cache_branch"


@dataclass(frozen=True, slots=True)
class Layout:
    """Names of a decoder's inputs and outputs.

    Attributes:
        past: cache inputs.
        present: cache outputs, in the same order.
        heads: of the decoder.
        width: of one head.
        shares_context: one image's context serves any number of rows.
        switches: the merged layout's ``use_cache_branch`` is an input.
        attentions: the output that tells where the decoder looks, if there is one.
        logsumexp: the output of log-sum-exp, if there is one.
    """

    past: tuple[str, ...]
    present: tuple[str, ...]
    heads: int
    width: int
    shares_context: bool
    switches: bool
    attentions: str | None = None
    logsumexp: str | None = None


class DecoderSteps:
    """One batch of sequences being decoded; see ``pycore.interfaces.DecoderSession``.

    Args:
        session: of the decoder, or of its step graph.
        layout: its names.
        contexts: inputs that stay the same in all steps, for each image with batch size 1.
    """

    def __init__(self, session: Session, layout: Layout, contexts: Sequence[Arrays]) -> None:
        self._session = session
        self._layout = layout
        self._count = len(contexts)
        self._context: Arrays = {
            name: np.concatenate([context[name] for context in contexts]) for name in contexts[0]
        }
        self._images = np.arange(self._count)  # the image that each row is about
        self._past: list[FloatArray] | None = None
        self._is_released = False

    async def step(self, input_ids: IntArray, beam_idx: IntArray | None = None) -> StepOutput:
        """Run the decoder on the newest tokens; see pycore.interfaces."""
        if self._is_released:
            raise InferenceError("The caption was already finished.", detail="step after release")
        layout, rows = self._layout, len(input_ids)
        is_first = self._past is None
        past = self._empty_past(rows) if self._past is None else self._past
        if beam_idx is not None:
            self._images = self._images[beam_idx]
            past = [cache[beam_idx] for cache in past]
        feeds: dict[str, NDArray[Any]] = {
            **self._rows_of(self._images),
            **dict(zip(layout.past, past, strict=True)),
            INPUT_IDS: np.ascontiguousarray(input_ids, np.int64),
        }
        if layout.switches:
            feeds[USE_CACHE_BRANCH] = np.array([not is_first])
        outputs = [LOGITS, *layout.present, *([layout.logsumexp] if layout.logsumexp else [])]
        logits, *rest = self._session.run(outputs, feeds, "writing the caption")
        self._past = rest[: len(past)]
        logsumexp = rest[-1][:, -1] if layout.logsumexp else None
        return StepOutput(logits[:, -1], logsumexp)

    async def attend(self, input_ids: IntArray, images: IntArray) -> FloatArray | None:
        """Tell where the decoder looks; see pycore.interfaces."""
        layout = self._layout
        if layout.attentions is None:
            return None
        feeds: dict[str, NDArray[Any]] = {
            **self._rows_of(images),
            **dict(zip(layout.past, self._empty_past(len(images)), strict=True)),
            INPUT_IDS: np.ascontiguousarray(input_ids, np.int64),
        }
        doing = "finding out where the model looked"
        (weights,) = self._session.run([layout.attentions], feeds, doing)
        return weights

    def release(self) -> None:
        """Free the caches and the encoder states. Harmless when called twice."""
        self._past, self._context, self._is_released = None, {}, True

    def _rows_of(self, images: IntArray) -> Arrays:
        """Return the context of each row's image."""
        if self._layout.shares_context and self._count == 1:
            return self._context
        return {name: values[images] for name, values in self._context.items()}

    def _empty_past(self, rows: int) -> list[FloatArray]:
        shape = (rows, self._layout.heads, 0, self._layout.width)
        return [np.zeros(shape, np.float32) for _ in self._layout.past]
