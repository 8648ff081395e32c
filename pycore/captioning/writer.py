"""Writes about images that a model has looked at: decodes, and turns tokens into texts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice, pairwise, repeat
from typing import TYPE_CHECKING

import numpy as np

from pycore.captioning.attention_map import decoder_inputs, map_words
from pycore.captioning.result import Candidate, Token
from pycore.captioning.word_agreement import mark_words
from pycore.generation import generate
from pycore.text.token_text import partial_text, token_texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pycore.generation import GenerationConfig, Hypothesis, Partial
    from pycore.interfaces import CancelToken, DecoderSession, FloatArray, ProgressCallback
    from pycore.text.tokenizer import Tokenizer

TokenCallback = Callable[[str, Token], None]
"""Called with the text so far and its newest token."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was written about one image.

    Attributes:
        candidates: best first.
        logprobs: of the tokens of the best one.
        token_ms: one entry a decoder step, in milliseconds.
    """

    candidates: tuple[Candidate, ...]
    logprobs: tuple[float, ...]
    token_ms: tuple[float, ...]


class Writer:
    """Writes with one model.

    Args:
        tokenizer: of the model.
        patch_grid: see attention_map.py; None when the model has no such grid.
        clock: the time in seconds, from any origin.
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        patch_grid: tuple[int, int] | None,
        clock: Callable[[], float],
    ) -> None:
        self._tokenizer = tokenizer
        self._patch_grid = patch_grid
        self._clock = clock

    async def write(
        self,
        session: DecoderSession,
        config: GenerationConfig,
        images: int,
        on_token: TokenCallback | None,
        on_progress: ProgressCallback,
        cancel: CancelToken,
    ) -> list[Written]:
        """Write about all images together, and release the session.

        Args:
            session: fresh, with one row for each image.
            config: what to generate.
            images: how many there are.
            on_token: told the leading text after each step; None for nobody.
            on_progress: told of the stage decode.
            cancel: asked before each step.

        Returns:
            For each image what was written about it.

        Raises:
            ConfigurationError: when the options leave nothing to write.
            InferenceError: when the model fails.
            CancelledError: when stopped.
        """
        try:
            steps = config.total_length - config.start_length
            on_progress("decode", 0, steps)
            marks = [self._clock()]

            def on_step(partials: Sequence[Partial]) -> None:
                marks.append(self._clock())
                on_progress("decode", len(marks) - 1, steps)
                if on_token is not None:
                    self._report_token(partials, config, on_token)

            hypotheses = await generate(
                session, config, batch_size=images, on_step=on_step, cancel=cancel
            )
            ranked = [sorted(found, key=lambda each: -each.score) for found in hypotheses]
            attentions = await self._look(session, ranked, config)
        finally:
            session.release()
        token_ms = tuple(1e3 * (b - a) for a, b in pairwise(marks))
        return [
            Written(self._candidates(found, config, attentions), found[0].logprobs, token_ms)
            for found in ranked
        ]

    async def _look(
        self,
        session: DecoderSession,
        ranked: Sequence[Sequence[Hypothesis]],
        config: GenerationConfig,
    ) -> Iterator[FloatArray | None]:
        """Ask where the decoder looked for the tokens of each hypothesis of each image, in turn."""
        if not config.attentions or self._patch_grid is None:
            return repeat(None)
        pairs = [(image, each) for image, found in enumerate(ranked) for each in found]
        sequences = [(*config.start_ids[1:], *each.token_ids) for _, each in pairs]
        images = np.array([image for image, _ in pairs], dtype=np.int64)
        inputs = decoder_inputs(config.decoder_start_token_id, sequences)
        weights = await session.attend(inputs, images)
        return repeat(None) if weights is None else iter(weights)

    def _report_token(
        self, partials: Sequence[Partial], config: GenerationConfig, on_token: TokenCallback
    ) -> None:
        """Tell the caption so far."""
        for partial in partials:
            ids = (*config.prefix_ids, *partial.token_ids)
            text, newest = partial_text(self._tokenizer, ids)
            on_token(text.strip(), Token(ids[-1], newest, partial.logprob))

    def _candidates(
        self,
        hypotheses: Sequence[Hypothesis],
        config: GenerationConfig,
        attentions: Iterator[FloatArray | None],
    ) -> tuple[Candidate, ...]:
        """Turn token ids into texts, and compare the texts."""
        tokens, maps = [], []
        own = islice(attentions, len(hypotheses))
        for hypothesis, weights in zip(hypotheses, own, strict=True):
            ids = (*config.prefix_ids, *hypothesis.token_ids)
            logprobs = (*(0.0 for _ in config.prefix_ids), *hypothesis.logprobs)
            texts = token_texts(self._tokenizer, ids)
            tokens.append(tuple(map(Token, ids, texts, logprobs)))
            grid = self._patch_grid
            maps.append(map_words(weights, texts, grid) if grid and weights is not None else None)
        texts = ["".join(token.text for token in row).strip() for row in tokens]
        words = mark_words(texts, [sum(hypothesis.logprobs) for hypothesis in hypotheses])
        scores = [hypothesis.score for hypothesis in hypotheses]
        return tuple(map(Candidate, texts, scores, tokens, words, maps))
