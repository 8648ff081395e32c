"""Beam search: several continuations at once, the best complete ones kept.

Each image's beams form a ``_BeamGroup`` that knows nothing of its neighbours; the loop feeds all
groups through one decoder batch. A group that is done leaves the batch. That gives the same
hypotheses as transformers, which carries finished images along and discards what they produce.

Source: transformers 4.57.6, generation/utils.py (``_beam_search`` and its helpers).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from pycore.generation.continuations import Continuations, LogProbs
from pycore.generation.greedy_search import moved_rows
from pycore.generation.logits_process import logits_processors
from pycore.generation.numerics import log_normalizer, top_k
from pycore.generation.options import nothing_allowed
from pycore.generation.output import Hypothesis, OnStep, Partial
from pycore.generation.stopping_criteria import StoppingCriteria
from pycore.interfaces import CancelToken, DecoderSession, FloatArray, IntArray

if TYPE_CHECKING:
    from pycore.generation.config import GenerationConfig

ContinuationChooser = Callable[[Continuations, int], IntArray]
"""From all continuations to the positions of k of them, int64 (k,)."""

_NEVER = np.float32(-1e9)
"""The score of what must not be chosen; finite, as in transformers, so that sums stay ordered."""


class _BeamGroup:
    """The running and the finished beams of one image.

    Attributes:
        sequences: int64 (num_beams, total_length), the running beams, best first.
        scores: float32 (num_beams,), their summed processed log-probabilities.
        logprobs: float32 (num_beams, total_length), the model's own log-probability of each token.
        length: tokens in each running beam, start tokens counted.
        is_done: nothing that could still happen would change the result.
    """

    def __init__(self, config: GenerationConfig) -> None:
        beams = config.num_beams
        self._config = config
        self._is_complete = StoppingCriteria.from_config(config)
        # So many that num_beams can go on even when each beam's best continuation is its end.
        self._kept = max(2, 1 + len(config.eos_token_ids)) * beams
        self.length = config.start_length
        self.is_done = False
        self.sequences = np.zeros((beams, config.total_length), dtype=np.int64)
        self.sequences[:, : self.length] = config.start_ids
        self.logprobs = np.zeros(self.sequences.shape, dtype=np.float32)
        # All beams start equal; only the first may be continued, or all would stay equal.
        self.scores = np.full(beams, _NEVER, dtype=np.float32)
        self.scores[0] = 0.0
        self._finished_sequences = self.sequences.copy()
        self._finished_logprobs = self.logprobs.copy()
        self._finished_lengths = np.full(beams, self.length)
        self._finished_scores = np.full(beams, _NEVER, dtype=np.float32)
        self._is_finished = np.zeros(beams, dtype=np.bool_)

    def advance(
        self,
        processed: LogProbs,
        own: LogProbs,
        choose: ContinuationChooser,
    ) -> IntArray:
        """Continue the beams by one token.

        Args:
            processed: of the next token; rows is num_beams, or 1 in the first step, when all
                beams are equal.
            own: likewise, as the model gave them.
            choose: picks the continuations.

        Returns:
            int64 of shape (num_beams,): for each new beam the row that it continues.
        """
        beams, rows = self.scores.size, own.logits.shape[0]
        if rows < beams:
            processed = processed.of(np.zeros(beams, dtype=np.int64))
        continuations = Continuations(processed, self.scores[:, None])
        chosen = choose(continuations, self._kept)
        parent, token = np.divmod(chosen, own.logits.shape[1])
        row = parent if rows > 1 else np.zeros_like(parent)
        scores = continuations.at(chosen)
        sequences = self.sequences[parent]
        sequences[:, self.length] = token
        logprobs = self.logprobs[parent]
        logprobs[:, self.length] = own.logits[row, token] - own.normalizer[row, 0]
        self.length += 1
        is_complete = self._is_complete(token, self.length)

        going_scores = np.where(is_complete, scores + _NEVER, scores)
        going = top_k(going_scores, self._config.num_beams)
        self.sequences = sequences[going]
        self.logprobs = logprobs[going]
        self.scores = going_scores[going]
        # Those beyond num_beams only stand by as running beams; they may not finish.
        may_finish = is_complete & (np.arange(scores.size) < self._config.num_beams)
        if may_finish.any():
            self._finish(sequences, logprobs, scores, may_finish)
        self.is_done = bool(is_complete.all()) or not self._can_improve()
        return row[going]

    def _finish(
        self,
        sequences: IntArray,
        logprobs: FloatArray,
        scores: FloatArray,
        may_finish: np.ndarray[tuple[int], np.dtype[np.bool_]],
    ) -> None:
        """Keep the best ``num_beams`` of the finished beams and those that may finish."""
        beams = self._config.num_beams
        generated = self.length - self._config.start_length
        final_scores = scores / np.float32(generated**self._config.length_penalty)
        final_scores += np.where(may_finish, np.float32(0.0), _NEVER)
        merged_scores = np.concatenate([self._finished_scores, final_scores])
        best = top_k(merged_scores, beams)
        lengths = np.concatenate([self._finished_lengths, np.full(scores.size, self.length)])
        self._finished_scores = merged_scores[best]
        self._finished_sequences = np.concatenate([self._finished_sequences, sequences])[best]
        self._finished_logprobs = np.concatenate([self._finished_logprobs, logprobs])[best]
        self._finished_lengths = lengths[best]
        self._is_finished = np.concatenate([self._is_finished, may_finish])[best]

    def _can_improve(self) -> bool:
        """Tell whether a running beam may still displace a finished one."""
        config = self._config
        if not self._is_finished.all():
            return True
        if config.early_stopping is True:
            return False
        length = self.length
        if config.early_stopping == "never" and config.length_penalty > 0:
            length = config.total_length
        generated = length - config.start_length
        best_possible = self.scores[0] / np.float32(generated**config.length_penalty)
        return bool(best_possible > self._finished_scores.min())

    def hypotheses(self) -> list[Hypothesis]:
        """Return the best ``num_return_sequences`` finished beams, best first.

        Fewer where the options rule out so much that fewer exist. (transformers fills up with
        beams that broke the rules.)

        Raises:
            ConfigurationError: when there is none.
        """
        start = self._config.start_length
        found = []
        for i in np.flatnonzero(self._is_finished):
            token_ids = self._finished_sequences[i, start : self._finished_lengths[i]]
            score = float(self._finished_scores[i])
            if score * token_ids.size**self._config.length_penalty < _NEVER / 2:
                continue  # it broke a rule, or continues a beam that was complete
            logprobs = self._finished_logprobs[i, start : self._finished_lengths[i]]
            found.append(Hypothesis(tuple(token_ids.tolist()), tuple(logprobs.tolist()), score))
        if not found:
            raise nothing_allowed()
        return found[: self._config.num_return_sequences]

    def leader(self, image: int) -> Partial:
        """Return the best running beam."""
        tokens = self.sequences[0, self._config.start_length : self.length]
        return Partial(image, tuple(tokens.tolist()), float(self.logprobs[0, self.length - 1]))


async def beam_search(
    session: DecoderSession,
    config: GenerationConfig,
    *,
    batch_size: int,
    choose: ContinuationChooser = Continuations.best,
    on_step: OnStep,
    cancel: CancelToken,
) -> list[list[Hypothesis]]:
    """Decode ``num_beams`` beams for each image.

    Args:
        session: fresh, with ``batch_size`` rows.
        config: what to generate; ``num_beams`` above 1.
        batch_size: number of images.
        choose: ``Continuations.best``, or a draw for beam search with sampling.
        on_step: told after each step.
        cancel: asked before each step.

    Returns:
        For each image its ``num_return_sequences`` best hypotheses, best first.

    Raises:
        CancelledError: when stopped.
        InferenceError: when the runtime fails or gives values that are not numbers.
        ConfigurationError: when an option does not fit the vocabulary, or the options together
            leave nothing to write.
    """
    processors = logits_processors(config)
    groups = [_BeamGroup(config) for _ in range(batch_size)]
    running = list(range(batch_size))
    input_ids = np.tile(np.array(config.start_ids, dtype=np.int64), (batch_size, 1))
    cancel.raise_if_cancelled()
    output = await session.step(input_ids)
    while True:
        own = processed = LogProbs(output.logits, log_normalizer(output))
        if processors:
            log_probs = own.logits - own.normalizer
            for process in processors:
                process(input_ids, log_probs)
            processed = LogProbs(log_probs, np.zeros_like(own.normalizer))

        # Rows of each image: 1 in the first step, then num_beams.
        rows = own.logits.shape[0] // len(running)
        parents = []
        for place, image in enumerate(running):
            mine = slice(place * rows, (place + 1) * rows)
            parent = groups[image].advance(processed.of(mine), own.of(mine), choose)
            parents.append(parent + place * rows)
        on_step([groups[image].leader(image) for image in running])

        places = [place for place, image in enumerate(running) if not groups[image].is_done]
        running = [running[place] for place in places]
        if not running:
            return [group.hypotheses() for group in groups]
        input_ids = np.concatenate(
            [groups[image].sequences[:, : groups[image].length] for image in running]
        )
        beam_idx = np.concatenate([parents[place] for place in places])
        cancel.raise_if_cancelled()
        output = await session.step(input_ids[:, -1:], moved_rows(beam_idx, own.logits.shape[0]))
