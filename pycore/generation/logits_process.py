"""Logits processors: rules that change the scores of the next token before it is chosen.

All work in place on an array that belongs to the loop, so that no step copies a vocabulary
needlessly. Names, order and arithmetic follow transformers.

Source: transformers 4.57.6, generation/logits_process.py and ``_get_logits_processor`` in
generation/utils.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from pycore.errors import ConfigurationError
from pycore.generation.numerics import top_k

if TYPE_CHECKING:
    from pycore.generation.config import GenerationConfig
    from pycore.interfaces import FloatArray, IntArray


class LogitsProcessor(Protocol):
    """Changes scores in place."""

    def __call__(self, input_ids: IntArray, scores: FloatArray, /) -> None:
        """Apply the rule.

        Args:
            input_ids: int64 of shape (rows, length), all tokens so far, start tokens included.
            scores: float32 of shape (rows, vocab_size): logits in greedy search and sampling,
                log-probabilities in beam search. Changed in place.
        """


class RepetitionPenalty:
    """Divides positive and multiplies negative scores of tokens that occurred before."""

    def __init__(self, penalty: float) -> None:
        self._penalty = np.float32(penalty)

    def __call__(self, input_ids: IntArray, scores: FloatArray, /) -> None:
        """See ``LogitsProcessor``."""
        seen = np.take_along_axis(scores, input_ids, axis=1)
        changed = np.where(seen < 0, seen * self._penalty, seen / self._penalty)
        np.put_along_axis(scores, input_ids, changed, axis=1)


class NoRepeatNGram:
    """Forbids tokens that would complete an n-gram that occurred before."""

    def __init__(self, ngram_size: int) -> None:
        self._size = ngram_size

    def __call__(self, input_ids: IntArray, scores: FloatArray, /) -> None:
        """See ``LogitsProcessor``."""
        for row, tokens in enumerate(input_ids.tolist()):
            starts = range(len(tokens) - self._size + 1)
            head = tokens[len(tokens) - self._size + 1 :]
            ngrams = (tokens[start : start + self._size] for start in starts)
            scores[row, [ngram[-1] for ngram in ngrams if ngram[:-1] == head]] = -np.inf


class NoBadWords:
    """Forbids token sequences; a single end token among them is left allowed."""

    def __init__(
        self, bad_words_ids: tuple[tuple[int, ...], ...], eos_token_ids: tuple[int, ...]
    ) -> None:
        self._single = [
            word[0] for word in bad_words_ids if len(word) == 1 and word[0] not in eos_token_ids
        ]
        self._longer = [(list(word[:-1]), word[-1]) for word in bad_words_ids if len(word) > 1]
        self._highest = max((max(word) for word in bad_words_ids), default=0)

    def __call__(self, input_ids: IntArray, scores: FloatArray, /) -> None:
        """See ``LogitsProcessor``.

        Raises:
            ConfigurationError: when a token is outside the vocabulary.
        """
        if self._highest >= scores.shape[1]:
            raise ConfigurationError(
                f"bad_words_ids names token {self._highest}; this model has {scores.shape[1]}."
            )
        scores[:, self._single] = -np.inf
        length = input_ids.shape[1]
        for head, last in self._longer:
            # transformers also skips a head that would span the whole sequence.
            if len(head) < length:
                scores[(input_ids[:, length - len(head) :] == head).all(axis=1), last] = -np.inf


class MinLength:
    """Forbids the end tokens until a sequence has ``min_length`` tokens, start tokens counted."""

    def __init__(self, min_length: int, eos_token_ids: tuple[int, ...]) -> None:
        self._min_length = min_length
        self._eos = list(eos_token_ids)

    def __call__(self, input_ids: IntArray, scores: FloatArray, /) -> None:
        """See ``LogitsProcessor``."""
        if input_ids.shape[1] < self._min_length:
            scores[:, self._eos] = -np.inf


class ForcedBOSToken:
    """Allows one token alone after the start token."""

    def __init__(self, bos_token_id: int) -> None:
        self._bos_token_id = bos_token_id

    def __call__(self, input_ids: IntArray, scores: FloatArray, /) -> None:
        """See ``LogitsProcessor``."""
        if input_ids.shape[1] == 1:
            _force(scores, (self._bos_token_id,))


class ForcedEOSToken:
    """Allows the end tokens alone at the last place."""

    def __init__(self, total_length: int, eos_token_ids: tuple[int, ...]) -> None:
        self._total_length = total_length
        self._eos_token_ids = eos_token_ids

    def __call__(self, input_ids: IntArray, scores: FloatArray, /) -> None:
        """See ``LogitsProcessor``."""
        if input_ids.shape[1] == self._total_length - 1:
            _force(scores, self._eos_token_ids)


def _force(scores: FloatArray, token_ids: tuple[int, ...]) -> None:
    scores[:] = -np.inf
    scores[:, list(token_ids)] = 0


class Temperature:
    """Divides all scores: below 1 sharpens the distribution, above 1 flattens it."""

    def __init__(self, temperature: float) -> None:
        self._temperature = np.float32(temperature)

    def __call__(self, _input_ids: IntArray, scores: FloatArray, /) -> None:
        """See ``LogitsProcessor``."""
        scores /= self._temperature


class TopK:
    """Keeps the ``k`` best tokens, and any that tie with the last of them."""

    def __init__(self, k: int) -> None:
        self._k = k

    def __call__(self, _input_ids: IntArray, scores: FloatArray, /) -> None:
        """See ``LogitsProcessor``."""
        k = min(self._k, scores.shape[1])
        for row in scores:
            row[row < row[top_k(row, k)[-1]]] = -np.inf


class TopP:
    """Keeps the smallest set of best tokens whose probabilities reach ``top_p``."""

    def __init__(self, top_p: float, min_tokens_to_keep: int) -> None:
        self._top_p = top_p
        self._min_tokens_to_keep = min_tokens_to_keep

    def __call__(self, _input_ids: IntArray, scores: FloatArray, /) -> None:
        """See ``LogitsProcessor``."""
        for row in scores:
            highest = row.max()
            if highest == -np.inf:
                continue  # nothing is left to choose from; whoever chooses reports it
            probabilities = np.exp(row - highest, dtype=np.float64)
            probabilities /= probabilities.sum()
            tail = 1 - self._top_p
            # Sorting is slow. A token goes for certain when even a whole vocabulary of its
            # probability would fit into the tail.
            is_large = probabilities * row.size > tail
            if np.count_nonzero(is_large) < self._min_tokens_to_keep:
                is_large[:] = True
            large = np.flatnonzero(is_large)
            ascending = large[np.argsort(row[large], kind="stable")]
            cumulative = probabilities[~is_large].sum() + np.cumsum(probabilities[ascending])
            is_removed = cumulative <= tail
            is_removed[-self._min_tokens_to_keep :] = False
            row[~is_large] = -np.inf
            row[ascending[is_removed]] = -np.inf


def logits_processors(config: GenerationConfig) -> list[LogitsProcessor]:
    """Return the processors that a configuration asks for, in transformers' order."""
    processors: list[LogitsProcessor] = []
    if config.repetition_penalty != 1.0:
        processors.append(RepetitionPenalty(config.repetition_penalty))
    if config.no_repeat_ngram_size > 0:
        processors.append(NoRepeatNGram(config.no_repeat_ngram_size))
    if config.bad_words_ids:
        processors.append(NoBadWords(config.bad_words_ids, config.eos_token_ids))
    min_length = max(config.min_length, config.start_length + config.min_new_tokens)
    if config.eos_token_ids and min_length > config.start_length:
        processors.append(MinLength(min_length, config.eos_token_ids))
    if config.forced_bos_token_id is not None:
        processors.append(ForcedBOSToken(config.forced_bos_token_id))
    if config.forced_eos_token_ids:
        processors.append(ForcedEOSToken(config.total_length, config.forced_eos_token_ids))
    return processors + _warpers(config)


def _warpers(config: GenerationConfig) -> list[LogitsProcessor]:
    """Return those that shape the distribution that is drawn from."""
    processors: list[LogitsProcessor] = []
    if config.do_sample:
        # A beam needs one token more than there are end tokens, or it could not go on.
        least = 1 if config.num_beams == 1 else len(config.eos_token_ids) + 1
        if config.temperature != 1.0:
            processors.append(Temperature(config.temperature))
        if config.top_k > 0:
            processors.append(TopK(max(config.top_k, least)))
        if config.top_p < 1.0:
            processors.append(TopP(config.top_p, least))
    return processors
