"""ImageCaptioner: all that can be said about an image, by whatever can say it.

Composes the model that writes captions with what recognises things in photographs and what reads
text. The built-in model knows drawings alone; with it, photographs are described and pages of text
are read instead. Which of the three a picture is, the router says at first sight; where it is not
sure, the model for drawings is heard before the verdict, and whoever finds words has the last word.
With every other model both come beside the caption, where they are wished for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pycore.captioning.caption_call import Call, CheckedOptions, take_wishes, unseen
from pycore.captioning.described import about_text
from pycore.captioning.described import candidates as described
from pycore.captioning.phrases import keywords_of
from pycore.captioning.prepared_image import image_info
from pycore.captioning.result import CaptionResult, Timings, with_answers
from pycore.captioning.text_in_image import Reading, is_convincing
from pycore.errors import (
    AssetError,
    ConfigurationError,
    InferenceError,
    InputError,
    NetworkError,
)
from pycore.images.even_light import is_lit_like_paper
from pycore.recognition.router import likeliest
from pycore.recognition.verdict import is_sure, weigh, without_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PIL import Image

    from pycore.captioning.caption_call import Wishes
    from pycore.captioning.pipeline import ImageToText
    from pycore.captioning.result import Candidate, ModelInfo
    from pycore.captioning.text_in_image import RecognizedText
    from pycore.captioning.writer import TokenCallback
    from pycore.images.decoded import DecodedImage
    from pycore.interfaces import CancelToken, ProgressCallback
    from pycore.recognition.keywords import Keyword
    from pycore.recognition.recognizer import Recognizer
    from pycore.recognition.router import Kind
    from pycore.recognition.verdict import Shares

    Route = Callable[[Image.Image], Awaitable[Shares]]
    OpenRecognizer = Callable[[], Awaitable[Recognizer]]
    ReadText = Callable[[DecodedImage, str], Awaitable[RecognizedText]]
    """Reads the words in an image in a language; raises AssetError, NetworkError or InferenceError
    where that cannot be had now."""

_RECOGNITION_SIDE = 512
"""In pixels: pictures are decoded at least so large for the recognizer, and for the router."""

_PERHAPS_A_PHOTOGRAPH = 0.05
"""Share from which on a guess about a drawing is worth a second look. The photographs of the
router's test set that it takes for drawings have 0.2 and more, nine of ten drawings less than this
(models/photo/recognition.md); the look costs a second while the models are not loaded."""

_LIKE_TEXT = 0.03
"""Share of text from which a photograph that is lit like paper is read. Photographed pages have it
where they are not taken for text, and three of 570 photographs of other things, without words."""

_TEXT_CONFIDENCE = 0.9  # the router is right about that many pages; see models/photo/README.md


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
        return await self._caption(image, Call(options, on_token, on_progress, cancel), None)

    async def _caption(
        self, image: DecodedImage, call: Call, routed: Shares | None
    ) -> CaptionResult:
        """Caption an image that the router has looked at already, or has not (None)."""
        result = await self._say(image, call, routed)
        # What is said otherwise than by the model is a caption, too.
        is_lacking = call.options.wishes.tasks and result.answers is None
        return with_answers({"caption": result}) if is_lacking else result

    async def _say(self, image: DecodedImage, call: Call, routed: Shares | None) -> CaptionResult:
        """Say it with the model, or with whatever knows the image better."""
        wishes = call.options.wishes
        if not self._looks(wishes):
            return await self._write(image, call)
        call.cancel.raise_if_cancelled()
        shares = routed or await self._route(image.pixels)
        reading = await self._read(image, wishes.text_language) if wishes.text else Reading()
        if self._draws_only:
            return await self._answer(image, shares, None, reading, call)
        written = await self._write(image, call)
        return await self._complete(written, image, likeliest(shares), reading, call)

    async def _answer(
        self,
        image: DecodedImage,
        routed: Shares,
        written: CaptionResult | None,
        reading: Reading,
        call: Call,
    ) -> CaptionResult:
        """Say of an image what its kind asks for, with the model that knows drawings alone.

        Args:
            image: decoded at ``target_size``.
            routed: the router's word.
            written: by the model, if it has been asked.
            reading: of its words, if they were wished for.
            call: of which it is part.
        """
        wishes, is_steered = call.options.wishes, call.is_steered
        shares = weigh(routed, written.confidence) if written and not is_steered else routed
        while True:
            kind = likeliest(shares)
            is_drawing = kind == "drawing"
            if not written and (is_drawing or not (is_steered or is_sure(shares))):
                # What may yet turn out to be another's to say is not shown as it is written.
                written = await self._write(image, call if is_drawing else call.unseen())
                shares = shares if is_steered else weigh(shares, written.confidence)
            elif kind == "text":
                if wishes.text is None:
                    reading = await self._read(image, wishes.text_language)
                if reading.text is None or reading.text.text:
                    return self._page(image, reading)
                shares = without_text(shares)
            else:
                break
        if written and is_drawing:
            return await self._drawing(written, image, routed, reading, call)
        return await self._photograph(image, shares, reading, call)

    async def _drawing(
        self,
        written: CaptionResult,
        image: DecodedImage,
        routed: Shares,
        reading: Reading,
        call: Call,
    ) -> CaptionResult:
        """Give a drawing's caption, or something better where it is no more than a guess."""
        is_doubtful = written.flagged and routed["photograph"] >= _PERHAPS_A_PHOTOGRAPH
        if is_doubtful and not call.is_steered:
            seen = await self._describe(image, reading, call)
            if not seen.flagged:
                return seen
        return await self._complete(written, image, "drawing", reading, call)

    async def _photograph(
        self, image: DecodedImage, shares: Shares, reading: Reading, call: Call
    ) -> CaptionResult:
        """Describe a photograph, or read it where it is one of a page."""
        if call.is_steered:
            raise ConfigurationError(
                f"{self._model.id} describes photographs in its own words: prefix and "
                "bad_words do not work with them. Choose another model."
            )
        wishes = call.options.wishes
        if wishes.text is None and self._may_be_paper(image, shares):
            words = await self._read(image, wishes.text_language)
            if words.text and is_convincing(words.text):
                return self._page(image, words)
        return await self._describe(image, reading, call)

    async def _write(self, image: DecodedImage, call: Call) -> CaptionResult:
        """Let the model write a caption, or the answers to all that it is asked."""
        tasks = call.options.wishes.tasks
        answers = await self.writer.answer(
            image,
            tasks or ("caption",),
            options=call.options.generation,
            on_token=call.on_token,
            on_progress=call.on_progress,
            cancel=call.cancel,
        )
        return with_answers(answers) if tasks else answers["caption"]

    async def _complete(
        self,
        written: CaptionResult,
        image: DecodedImage,
        kind: Kind,
        reading: Reading,
        call: Call,
    ) -> CaptionResult:
        """Add to a written caption what was wished for."""
        keywords = await self._keywords(written, image, kind, call)
        return _with_reading(replace(written, kind=kind, keywords=keywords), reading)

    async def caption_batch(
        self,
        images: Sequence[DecodedImage],
        *,
        options: CheckedOptions,
        on_progress: ProgressCallback,
        cancel: CancelToken,
    ) -> list[CaptionResult | InputError | ConfigurationError]:
        """Caption several images; see ``ImageToText.caption_batch``.

        Those that the model writes about go into the same steps; each other one is by itself. An
        option that does not go with what one image turns out to be is that image's error.
        """
        call = Call(options, unseen, on_progress, cancel)
        if options.wishes.tasks:
            return [await self._caption_alone(image, call, None) for image in images]
        if not self._looks(options.wishes):
            return [
                *await self.writer.caption_batch(
                    images, options=options.generation, on_progress=on_progress, cancel=cancel
                )
            ]
        routed = [await self._route(image.pixels) for image in images]
        alone = [
            bool(options.wishes.text) or (self._draws_only and likeliest(shares) != "drawing")
            for shares in routed
        ]
        together = [image for image, is_alone in zip(images, alone, strict=True) if not is_alone]
        written = iter(
            await self.writer.caption_batch(
                together, options=options.generation, on_progress=on_progress, cancel=cancel
            )
        )
        ends: list[CaptionResult | InputError | ConfigurationError] = []
        for image, shares, is_alone in zip(images, routed, alone, strict=True):
            if is_alone:
                ends.append(await self._caption_alone(image, call, shares))
                continue
            end = next(written)
            if isinstance(end, CaptionResult):
                if self._draws_only:
                    end = await self._answer(image, shares, end, Reading(), call)
                else:
                    end = await self._complete(end, image, likeliest(shares), Reading(), call)
            ends.append(end)
        return ends

    async def _caption_alone(
        self, image: DecodedImage, call: Call, routed: Shares | None
    ) -> CaptionResult | InputError | ConfigurationError:
        try:
            return await self._caption(image, call, routed)
        except (InputError, ConfigurationError) as error:
            return error

    def _may_be_paper(self, image: DecodedImage, shares: Shares) -> bool:
        """Whether what passes for a photograph may be the photograph of a page."""
        return shares["text"] >= _LIKE_TEXT and is_lit_like_paper(image.pixels)

    def _looks(self, wishes: Wishes) -> bool:
        """Whether the image is more than input of the model."""
        return self._draws_only or bool(wishes.keywords) or bool(wishes.text)

    async def _describe(self, image: DecodedImage, reading: Reading, call: Call) -> CaptionResult:
        """Say what the recognizer makes of a photograph."""
        options = call.options
        call.on_progress("encode", 0, 1)
        began = self._clock()
        said = await (await self._open_recognizer()).describe(image.pixels, call.cancel)
        size = image.pixels.height, image.pixels.width
        found = described(said, size, attentions=options.config.attentions)
        call.on_progress("encode", 1, 1)
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
        said = about_text(image.format, reading.text)
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
        self, written: CaptionResult, image: DecodedImage, kind: Kind, call: Call
    ) -> tuple[Keyword, ...]:
        """Find the keywords that go with a written caption, where they are wished for."""
        wished = call.options.wishes.keywords
        if kind == "drawing" and wished is not False:
            return keywords_of(written.caption, written.confidence)
        if not wished:
            return ()
        return (await (await self._open_recognizer()).describe(image.pixels, call.cancel)).keywords


def _with_reading(result: CaptionResult, reading: Reading) -> CaptionResult:
    return replace(result, text=reading.text, text_problem=reading.problem)
