"""One token at a time for each sequence: greedy search, and the loop that sampling shares.

Source: transformers 4.57.6, generation/utils.py (``_sample``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from pycore.generation.logits_process import logits_processors
from pycore.generation.numerics import log_normalizer
from pycore.generation.options import nothing_allowed
from pycore.generation.output import Hypothesis, OnStep, Partial
from pycore.generation.stopping_criteria import StoppingCriteria
from pycore.interfaces import CancelToken, DecoderSession, FloatArray, IntArray

if TYPE_CHECKING:
    from pycore.generation.config import GenerationConfig

TokenChooser = Callable[[FloatArray], IntArray]
"""From processed scores, float32 (rows, vocab_size), to one token a row, int64 (rows,)."""


def best_token(scores: FloatArray) -> IntArray:
    """Choose the highest score of each row; of equal ones the lowest token id.

    Raises:
        ConfigurationError: when the options exclude every token of a row.
    """
    best: IntArray = scores.argmax(axis=-1).astype(np.int64)  # indices have 32 bits in wasm
    if np.isneginf(scores[np.arange(best.size), best]).any():
        raise nothing_allowed()
    return best


def moved_rows(parent: IntArray, rows: int) -> IntArray | None:
    """Return ``parent`` as the ``beam_idx`` of a step, or None when every row stays in place.

    Args:
        parent: int64 of shape (new rows,), the row that each new row continues.
        rows: rows of the last step.
    """
    return None if np.array_equal(parent, np.arange(rows)) else parent


async def greedy_search(
    session: DecoderSession,
    config: GenerationConfig,
    *,
    batch_size: int,
    choose: TokenChooser,
    on_step: OnStep,
    cancel: CancelToken,
) -> list[list[Hypothesis]]:
    """Decode ``num_return_sequences`` sequences for each image, each on its own.

    Complete sequences leave the batch, so nothing is computed for them and nothing is padded.

    Args:
        session: fresh, with ``batch_size`` rows.
        config: what to generate.
        batch_size: number of images.
        choose: picks the next tokens.
        on_step: told after each step.
        cancel: asked before each step.

    Returns:
        For each image its hypotheses, in the order drawn.

    Raises:
        CancelledError: when stopped.
        InferenceError: when the runtime fails or gives values that are not numbers.
        ConfigurationError: when an option does not fit the vocabulary, or the options together
            leave nothing to write.
    """
    processors = logits_processors(config)
    is_complete = StoppingCriteria.from_config(config)
    per_image = config.num_return_sequences
    results: list[Hypothesis | None] = [None] * (batch_size * per_image)

    start = np.tile(np.array(config.start_ids, dtype=np.int64), (batch_size, 1))
    cancel.raise_if_cancelled()
    output = await session.step(start)
    logits, normalizer = output.logits, log_normalizer(output)
    owner = np.arange(
        batch_size * per_image, dtype=np.int64
    )  # which result each row is going to be
    parent = owner // per_image  # which row of the last step each row continues
    sequences = start[parent]
    rows = batch_size
    logprobs = np.zeros((owner.size, 0), dtype=np.float32)
    if per_image > 1:
        logits, normalizer = logits[parent], normalizer[parent]
    while True:
        scores = logits
        if processors:
            scores = logits.copy()
            for process in processors:
                process(sequences, scores)
        newest = choose(scores)[:, None]
        logprob = logits[np.arange(owner.size)[:, None], newest] - normalizer
        sequences = np.concatenate([sequences, newest], axis=1)
        logprobs = np.concatenate([logprobs, logprob], axis=1)

        on_step(
            [
                Partial(
                    image=int(owner[row]) // per_image,
                    token_ids=tuple(sequences[row, config.start_length :].tolist()),
                    logprob=float(logprobs[row, -1]),
                )
                for row in np.flatnonzero(owner % per_image == 0)
            ]
        )
        complete = is_complete(newest[:, 0], sequences.shape[1])
        for row in np.flatnonzero(complete):
            results[owner[row]] = _hypothesis(sequences[row], logprobs[row], config)
        going = np.flatnonzero(~complete)
        if not going.size:
            break

        cancel.raise_if_cancelled()
        output = await session.step(newest[going], moved_rows(parent[going], rows))
        logits, normalizer = output.logits, log_normalizer(output)
        if going.size < owner.size:
            owner, sequences, logprobs = owner[going], sequences[going], logprobs[going]
        rows = going.size
        parent = np.arange(rows, dtype=np.int64)
    found = [hypothesis for hypothesis in results if hypothesis is not None]
    return [found[i : i + per_image] for i in range(0, len(found), per_image)]


def _hypothesis(sequence: IntArray, logprobs: FloatArray, config: GenerationConfig) -> Hypothesis:
    """Wrap up one complete row."""
    return Hypothesis(
        token_ids=tuple(sequence[config.start_length :].tolist()),
        logprobs=tuple(logprobs.tolist()),
        score=float(logprobs.sum()) / logprobs.size**config.length_penalty,
    )
