"""ImageCaptioner: all that can be said about an image, by whatever can say it.

Composes the model that writes captions with what recognises things in photographs and what reads
text. The built-in model knows drawings alone; with it, photographs are described and pages of text
are read instead. With every other model both come beside the caption, where they are wished for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pycore.captioning.described import candidates as described
from pycore.captioning.phrases import keywords_of
from pycore.captioning.prepared_image import image_info
from pycore.captioning.result import Candidate, CaptionResult, Timings, Token, with_answers
from pycore.captioning.text_in_image import Reading, short_text
from pycore.captioning.wishes import Wishes, take_wishes
from pycore.captioning.word_agreement import mark_words
from pycore.errors import (
    AssetError,
    ConfigurationError,
    InferenceError,
    InputError,
    NetworkError,
)
from pycore.recognition.router import likeliest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PIL import Image

    from pycore.captioning.pipeline import ImageToText
    from pycore.captioning.result import ModelInfo
    from pycore.captioning.text_in_image import RecognizedText
    from pycore.captioning.writer import TokenCallback
    from pycore.generation import GenerationConfig
    from pycore.images.decoded import DecodedImage
    from pycore.interfaces import CancelToken, ProgressCallback
    from pycore.recognition.keywords import Keyword
    from pycore.recognition.recognizer import Recognizer
    from pycore.recognition.router import Kind

    Route = Callable[[Image.Image], Awaitable[Mapping[Kind, float]]]
    OpenRecognizer = Callable[[], Awaitable[Recognizer]]
    ReadText = Callable[[DecodedImage, str], Awaitable[RecognizedText]]
    """Reads the words in an image in a language; raises AssetError, NetworkError or InferenceError
    where that cannot be had now."""

_RECOGNITION_SIDE = 512
"""In pixels: pictures are decoded at least so large for the recognizer, and for the router."""

LOOKS_LIKE_TEXT = "This looks like text"
_PERHAPS_A_PHOTOGRAPH = 0.05
"""Share from which on a guess about a drawing is worth a second look. The photographs of the
router's test set that it takes for drawings have 0.2 and more, nine of ten drawings less than this
(models/photo/recognition.md); the look costs a second while the models are not loaded."""

_TEXT_CONFIDENCE = 0.9  # the router is right about that many pages; see models/photo/README.md


@dataclass(frozen=True, slots=True)
class CheckedOptions:
    """A call's options, found to be such as can be honoured; see ``ImageCaptioner.check``.

    Attributes:
        generation: by name, for the model that writes.
        config: what comes of them.
        wishes: what else is asked for.
    """

    generation: Mapping[str, Any]
    config: GenerationConfig
    wishes: Wishes


class ImageCaptioner:
    """Says what can be said about an image.

    Args:
        writer: writes captions with the chosen model.
        model: named in the results.
        route: tells drawings, photographs and pages of text apart: how likely each is, 0 to 1.
        open_recognizer: gives what describes photographs; asked when it is first needed.
        read_text: reads the words in a picture.
        clock: the time in seconds, from any origin.
        draws_only: the model knows drawings alone.
    """

    def __init__(
        self,
        writer: ImageToText,
        *,
        model: ModelInfo,
        route: Route,
        open_recognizer: OpenRecognizer,
        read_text: ReadText,
        clock: Callable[[], float],
        draws_only: bool,
    ) -> None:
        self.writer = writer
        self._model = model
        self._route = route
        self._open_recognizer = open_recognizer
        self._read_text = read_text
        self._clock = clock
        self._draws_only = draws_only

    def check(self, options: Mapping[str, Any]) -> CheckedOptions:
        """Check a call's options, before any work is done.

        Args:
            options: of generation, and those of ``Wishes``, by name; None means "not given".

        Raises:
            ConfigurationError: when one cannot be honoured.
        """
        generation, wishes = take_wishes(options)
        self.writer.check_tasks(wishes.tasks)
        return CheckedOptions(generation, self.writer.configure(generation), wishes)

    def target_size(self, options: CheckedOptions) -> tuple[int, int] | None:
        """(height, width) in pixels at which to decode the images of a call; see read_image."""
        if not self._looks(options.wishes):
            return self.writer.target_size
        height, width = self.writer.target_size or (0, 0)
        return max(height, _RECOGNITION_SIDE), max(width, _RECOGNITION_SIDE)

    async def __call__(
        self,
        image: DecodedImage,
        *,
        options: CheckedOptions,
        on_token: TokenCallback,
        on_progress: ProgressCallback,
        cancel: CancelToken,
    ) -> CaptionResult:
        """Caption one image; see ``ImageToText``.

        Args:
            image: decoded at ``target_size``.
            options: checked by ``check``.
            on_token: as there; not called where nothing is written token by token.
            on_progress: as there.
            cancel: as there.

        Raises:
            InputError: when the image cannot be used.
            ConfigurationError: when an option does not go with what the image turns out to be.
            InferenceError: when a model fails.
            CancelledError: when stopped.
        """
        result = await self._say(image, options, on_token, on_progress, cancel)
        # What is said otherwise than by the model is a caption, too.
        is_lacking = options.wishes.tasks and result.answers is None
        return with_answers({"caption": result}) if is_lacking else result

    async def _say(
        self,
        image: DecodedImage,
        options: CheckedOptions,
        on_token: TokenCallback,
        on_progress: ProgressCallback,
        cancel: CancelToken,
    ) -> CaptionResult:
        """Say it with the model, or with whatever knows the image better."""
        wishes, config = options.wishes, options.config
        if not self._looks(wishes):
            return await self._write(image, options, on_token, on_progress, cancel)
        cancel.raise_if_cancelled()
        shares = await self._route(image.pixels)
        kind = likeliest(shares)
        reading = Reading()
        if wishes.text or (self._draws_only and kind == "text" and wishes.text is None):
            reading = await self._read(image, wishes.text_language)
        if self._draws_only and kind == "text":
            if reading.text is None or reading.text.text:
                return self._page(image, reading)
            shares = {**shares, "text": 0.0}  # what looked like text and has no words
            kind = likeliest(shares)
        if self._draws_only and kind == "photograph":
            if _is_steered(config):
                raise ConfigurationError(
                    f"{self._model.id} describes photographs in its own words: prefix and "
                    "bad_words do not work with them. Choose another model."
                )
            return await self._describe(image, options, reading, on_progress, cancel)
        written = await self._write(image, options, on_token, on_progress, cancel)
        return await self._complete(written, image, shares, options, reading, on_progress, cancel)

    async def _write(
        self,
        image: DecodedImage,
        options: CheckedOptions,
        on_token: TokenCallback,
        on_progress: ProgressCallback,
        cancel: CancelToken,
    ) -> CaptionResult:
        """Let the model write a caption, or the answers to all that it is asked."""
        answers = await self.writer.answer(
            image,
            options.wishes.tasks or ("caption",),
            options=options.generation,
            on_token=on_token,
            on_progress=on_progress,
            cancel=cancel,
        )
        return with_answers(answers) if options.wishes.tasks else answers["caption"]

    async def _complete(
        self,
        written: CaptionResult,
        image: DecodedImage,
        shares: Mapping[Kind, float],
        options: CheckedOptions,
        reading: Reading,
        on_progress: ProgressCallback,
        cancel: CancelToken,
    ) -> CaptionResult:
        """Add to a written caption what was wished for, or say something better."""
        is_doubtful = written.flagged and shares["photograph"] >= _PERHAPS_A_PHOTOGRAPH
        if self._draws_only and is_doubtful and not _is_steered(options.config):
            # A photograph of a thing on a plain ground looks like a drawing.
            seen = await self._describe(image, options, reading, on_progress, cancel)
            if not seen.flagged:
                return seen
        kind = likeliest(shares)
        keywords = await self._keywords(written, image, kind, options.wishes, cancel)
        return _with_reading(replace(written, kind=kind, keywords=keywords), reading)

    async def caption_batch(
        self,
        images: Sequence[DecodedImage],
        *,
        options: CheckedOptions,
        on_progress: ProgressCallback,
        cancel: CancelToken,
    ) -> list[CaptionResult | InputError]:
        """Caption several images; see ``ImageToText.caption_batch``.

        Those that the model writes about go into the same steps; each other one is by itself.
        """
        if options.wishes.tasks:
            return [
                await self._caption_alone(image, options, on_progress, cancel) for image in images
            ]
        if not self._looks(options.wishes):
            return await self.writer.caption_batch(
                images, options=options.generation, on_progress=on_progress, cancel=cancel
            )
        routes = [await self._route(image.pixels) for image in images]
        alone = [bool(options.wishes.text) or self._is_beyond_model(shares) for shares in routes]
        together = [image for image, is_alone in zip(images, alone, strict=True) if not is_alone]
        written = iter(
            await self.writer.caption_batch(
                together, options=options.generation, on_progress=on_progress, cancel=cancel
            )
        )
        ends: list[CaptionResult | InputError] = []
        for image, shares, is_alone in zip(images, routes, alone, strict=True):
            if is_alone:
                ends.append(await self._caption_alone(image, options, on_progress, cancel))
                continue
            end = next(written)
            if isinstance(end, CaptionResult):
                end = await self._complete(
                    end, image, shares, options, Reading(), on_progress, cancel
                )
            ends.append(end)
        return ends

    async def _caption_alone(
        self,
        image: DecodedImage,
        options: CheckedOptions,
        on_progress: ProgressCallback,
        cancel: CancelToken,
    ) -> CaptionResult | InputError:
        try:
            return await self(
                image,
                options=options,
                on_token=lambda _text, _token: None,
                on_progress=on_progress,
                cancel=cancel,
            )
        except InputError as error:
            return error

    def _is_beyond_model(self, shares: Mapping[Kind, float]) -> bool:
        return self._draws_only and likeliest(shares) != "drawing"

    def _looks(self, wishes: Wishes) -> bool:
        """Whether the image is more than input of the model."""
        return self._draws_only or bool(wishes.keywords) or bool(wishes.text)

    async def _describe(
        self,
        image: DecodedImage,
        options: CheckedOptions,
        reading: Reading,
        on_progress: ProgressCallback,
        cancel: CancelToken,
    ) -> CaptionResult:
        """Say what the recognizer makes of a photograph."""
        on_progress("encode", 0, 1)
        began = self._clock()
        said = await (await self._open_recognizer()).describe(image.pixels, cancel)
        size = image.pixels.height, image.pixels.width
        found = described(said, size, attentions=options.config.attentions)
        on_progress("encode", 1, 1)
        result = self._result(image, "photograph", found[: options.config.num_return_sequences])
        result = replace(
            result,
            confidence=said.sentences[0].confidence,
            flagged=said.is_guess,
            timings=Timings(image.decode_ms, 0.0, 1e3 * (self._clock() - began), ()),
            keywords=() if options.wishes.keywords is False else said.keywords,
        )
        return _with_reading(result, reading)

    async def _read(self, image: DecodedImage, language: str) -> Reading:
        """Read the words in an image; that they cannot be had is no reason to say nothing else."""
        try:
            return Reading(await self._read_text(image, language))
        except (AssetError, InferenceError, NetworkError) as error:
            return Reading(problem=error.message)

    def _page(self, image: DecodedImage, reading: Reading) -> CaptionResult:
        """Say that an image is text, and its first words where they are known."""
        said = _about_text(image.format, reading.text)
        return _with_reading(self._result(image, "text", (said,)), reading)

    def _result(
        self, image: DecodedImage, kind: Kind, candidates: tuple[Candidate, ...]
    ) -> CaptionResult:
        return CaptionResult(
            caption=candidates[0].text,
            confidence=_TEXT_CONFIDENCE,
            flagged=False,
            candidates=candidates,
            model=self._model,
            timings=Timings(image.decode_ms, 0.0, 0.0, ()),
            image=image_info(image),
            notes=image.notes,
            kind=kind,
        )

    async def _keywords(
        self,
        written: CaptionResult,
        image: DecodedImage,
        kind: Kind,
        wishes: Wishes,
        cancel: CancelToken,
    ) -> tuple[Keyword, ...]:
        """Find the keywords that go with a written caption, where they are wished for."""
        if kind == "drawing" and wishes.keywords is not False:
            return keywords_of(written.caption, written.confidence)
        if not wishes.keywords:
            return ()
        return (await (await self._open_recognizer()).describe(image.pixels, cancel)).keywords


def _with_reading(result: CaptionResult, reading: Reading) -> CaptionResult:
    return replace(result, text=reading.text, text_problem=reading.problem)


def _is_steered(config: GenerationConfig) -> bool:
    return bool(config.prefix_ids or config.bad_words_ids)


def _about_text(file_format: str, text: RecognizedText | None) -> Candidate:
    """Say that a picture is text, and its first words where they are known."""
    said = LOOKS_LIKE_TEXT
    if text is not None:
        # Screens are kept without loss; paper is photographed or scanned.
        said = short_text("Text" if file_format == "JPEG" else "Screenshot", text.text)
    tokens = tuple(
        Token(place, f"{' ' if place else ''}{word}", 0.0)
        for place, word in enumerate(said.split())
    )
    (words,) = mark_words([said], [0.0])
    return Candidate(said, 0.0, tokens, words)
