"""ImageToText: from the bytes of an image file to its caption.

Composes the parts of pycore and times them; computes nothing itself.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pycore.agreement import mark_words
from pycore.caption_result import (
    Candidate,
    CaptionResult,
    ImageInfo,
    ModelInfo,
    Timings,
    Token,
    confidence,
)
from pycore.errors import ConfigurationError
from pycore.generation import generate
from pycore.image_file import read_image
from pycore.token_text import partial_text, token_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pycore.generation import GenerationConfig, Hypothesis, Partial
    from pycore.image_processor import ImageProcessor
    from pycore.interfaces import CancelToken, CaptionModel, ProgressCallback
    from pycore.tokenizer import Tokenizer

    TokenCallback = Callable[[str, Token], None]


class ImageToText:
    """Captions images with one model.

    Attributes:
        generation_config: what captions are written with when a call does not say otherwise.
    """

    def __init__(
        self,
        *,
        image_processor: ImageProcessor,
        tokenizer: Tokenizer,
        generation_config: GenerationConfig,
        model: CaptionModel,
        model_id: str,
        revision: str,
        confidence_threshold: float,
        clock: Callable[[], float],
    ) -> None:
        """Compose a captioner.

        Args:
            image_processor: made from the model's preprocessor_config.json.
            tokenizer: made from the model's tokenizer.json.
            generation_config: made from the model's settings and the catalogue's recipe.
            model: runs the encoder and the decoder.
            model_id: named in the results.
            revision: named in the results.
            confidence_threshold: captions below it are flagged; 0 to 1.
            clock: the time in seconds, from any origin.
        """
        self.generation_config = generation_config
        self._image_processor = image_processor
        self._tokenizer = tokenizer
        self._model = model
        self._model_info = ModelInfo(model_id, revision)
        self._confidence_threshold = confidence_threshold
        self._clock = clock

    async def __call__(
        self,
        data: bytes,
        *,
        options: Mapping[str, Any],
        on_token: TokenCallback,
        on_progress: ProgressCallback,
        cancel: CancelToken,
    ) -> CaptionResult:
        """Caption one image.

        Args:
            data: the image file.
            options: of generation, by name; ``bad_words`` (list of strings) and ``prefix``
                (string) besides those in ``pycore.generation.OPTION_NAMES``.
            on_token: called after each decoder step with the caption so far and its newest token.
                With several beams these are the leading beam's, which may change.
            on_progress: called as (stage, done, total) for the stages image, encode and decode.
            cancel: asked between the stages and before each decoder step.

        Returns:
            The caption.

        Raises:
            InputError: when the image cannot be used.
            ConfigurationError: when an option cannot be honoured; before any work is done.
            InferenceError: when the model fails.
            CancelledError: when stopped.
        """
        config = self._configure(options)
        cancel.raise_if_cancelled()
        on_progress("image", 0, 1)
        began = self._clock()
        image = read_image(data, target_size=self._image_processor.target_size)
        decoded = self._clock()
        pixel_values = self._image_processor(image.pixels)
        processed = self._clock()
        on_progress("image", 1, 1)

        cancel.raise_if_cancelled()
        on_progress("encode", 0, 1)
        session = await self._model.encode(pixel_values)
        try:
            encoded = self._clock()
            on_progress("encode", 1, 1)
            steps = config.total_length - config.start_length
            on_progress("decode", 0, steps)
            marks = [encoded]

            def on_step(partials: Sequence[Partial]) -> None:
                marks.append(self._clock())
                on_progress("decode", len(marks) - 1, steps)
                for partial in partials:
                    self._report_token(partial, config, on_token)

            hypotheses = await generate(session, config, on_step=on_step, cancel=cancel)
        finally:
            session.release()

        ranked = sorted(hypotheses[0], key=lambda hypothesis: -hypothesis.score)
        candidates = self._candidates(ranked, config)
        certainty = confidence(ranked[0].logprobs)
        return CaptionResult(
            caption=candidates[0].text,
            confidence=certainty,
            flagged=certainty < self._confidence_threshold,
            candidates=candidates,
            model=self._model_info,
            timings=Timings(
                decode_ms=1e3 * (decoded - began),
                preprocess_ms=1e3 * (processed - decoded),
                encode_ms=1e3 * (encoded - processed),
                token_ms=tuple(1e3 * (b - a) for a, b in pairwise(marks)),
            ),
            image=ImageInfo(image.width, image.height, image.format, image.sha256),
        )

    def _configure(self, options: Mapping[str, Any]) -> GenerationConfig:
        """Turn a call's options into a configuration: words become tokens."""
        rest = dict(options)
        bad_words = rest.pop("bad_words", None)
        prefix = rest.pop("prefix", None)
        if bad_words is not None:
            rest["bad_words_ids"] = self._bad_words_ids(bad_words)
        if prefix is not None:
            if not isinstance(prefix, str):
                raise ConfigurationError("prefix must be a text.", detail=repr(prefix))
            # The next word brings its own leading space.
            rest["prefix_ids"] = self._tokenizer.encode(prefix.rstrip())
        return self.generation_config.with_options(rest)

    def _bad_words_ids(self, words: object) -> list[list[int]]:
        """Return the ways in which words may appear: at the start or inside, capital or not.

        Source: transformers 4.57.6, ``NoBadWordsLogitsProcessor``: words need their leading space.
        """
        if not isinstance(words, (list, tuple)) or not all(
            isinstance(word, str) and word.strip() for word in words
        ):
            raise ConfigurationError("bad_words must be a list of words.", detail=repr(words))
        spellings = {
            space + form
            for word in map(str.strip, words)
            for form in (word, word.lower(), word.capitalize())
            for space in ("", " ")
        }
        return [self._tokenizer.encode(spelling) for spelling in sorted(spellings)]

    def _report_token(
        self, partial: Partial, config: GenerationConfig, on_token: TokenCallback
    ) -> None:
        """Tell the caption so far."""
        ids = (*config.prefix_ids, *partial.token_ids)
        text, newest = partial_text(self._tokenizer, ids)
        on_token(text.strip(), Token(ids[-1], newest, partial.logprob))

    def _candidates(
        self, hypotheses: Sequence[Hypothesis], config: GenerationConfig
    ) -> tuple[Candidate, ...]:
        """Turn token ids into texts, and compare the texts."""
        tokens = []
        for hypothesis in hypotheses:
            ids = (*config.prefix_ids, *hypothesis.token_ids)
            logprobs = (*(0.0 for _ in config.prefix_ids), *hypothesis.logprobs)
            texts = token_texts(self._tokenizer, ids)
            tokens.append(tuple(map(Token, ids, texts, logprobs)))
        texts = ["".join(token.text for token in row).strip() for row in tokens]
        words = mark_words(texts, [sum(hypothesis.logprobs) for hypothesis in hypotheses])
        scores = [hypothesis.score for hypothesis in hypotheses]
        return tuple(map(Candidate, texts, scores, tokens, words))
