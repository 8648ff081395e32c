"""Who says what about an image: the model that writes, the recognizer, or the reader."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pycore.captioning.caption_call import Wishes, take_wishes
from pycore.captioning.described import LOOKS_LIKE_TEXT
from pycore.captioning.image_captioner import ImageCaptioner
from pycore.captioning.phrases import keywords_of
from pycore.captioning.result import CaptionResult, ModelInfo
from pycore.captioning.text_in_image import (
    RecognizedText,
    TextLine,
    believed,
    short_text,
)
from pycore.captioning.writer import TokenCallback
from pycore.errors import (
    AssetError,
    CancelledError,
    ConfigurationError,
    InferenceError,
    InputError,
    NetworkError,
    SeesayError,
)
from pycore.images.decoded import DecodedImage
from pycore.images.file import read_image
from pycore.interfaces import CancelToken
from pycore.recognition.boxes import Box
from pycore.recognition.describe import Description
from pycore.recognition.keywords import Keyword
from pycore.recognition.router import KINDS, Kind
from pycore.recognition.wording import PlacedWord, Sentence
from tests.unit.captioning.test_pipeline import Run, ScriptedSession, a_cat_on_the_mat
from tests.unit.helpers import run_sync
from tests.unit.images.image_samples import encode, pattern

PNG = encode(pattern(60, 80), "PNG")
JPEG = encode(pattern(60, 80), "JPEG")
LEFT_HALF = Box(0, 0, 40, 60)


def sentence(text: str, confidence: float, box: Box | None = None) -> Sentence:
    boxes = (box,) if box else ()
    return Sentence(
        text, confidence, tuple(PlacedWord(word, confidence, boxes) for word in text.split())
    )


DESCRIPTION = Description(
    sentences=(sentence("two macaws", 0.9, LEFT_HALF), sentence("two birds", 0.95, LEFT_HALF)),
    keywords=(Keyword("macaw", 0.9), Keyword("bird", 0.95)),
    is_guess=False,
)


class Fakes:
    """An ImageCaptioner on a scripted writer; what is asked of the others is noted.

    Args:
        kind: the router's word.
        share: how sure the router is of it; the rest goes to ``other``.
    """

    def __init__(
        self,
        kind: Kind,
        *,
        draws_only: bool = True,
        share: float = 1.0,
        other: Kind = "drawing",
    ) -> None:
        self.run = Run(a_cat_on_the_mat())
        self.shares: dict[Kind, float] = {
            **dict.fromkeys(KINDS, 0.0),
            other: 1 - share,
            kind: share,
        }
        self.description = DESCRIPTION
        self.text: RecognizedText | SeesayError = RecognizedText("Save\nCancel", 0.9, "eng")
        self.described: list[tuple[int, int]] = []
        self.read: list[tuple[str, str]] = []
        self.routed = 0
        self.captioner = ImageCaptioner(
            self.run.pipeline,
            model=ModelInfo("starter", "abc"),
            route=self._route,
            open_recognizer=self._open,
            read_text=self._read,
            clock=lambda: 0.0,
            draws_only=draws_only,
        )

    async def _route(self, image: Image.Image) -> dict[Kind, float]:
        assert image.mode == "RGB"
        self.routed += 1
        return self.shares

    async def _open(self) -> Any:
        async def describe(image: Image.Image, cancel: CancelToken) -> Description:
            cancel.raise_if_cancelled()
            self.described.append(image.size)
            return self.description

        return SimpleNamespace(describe=describe)

    async def _read(self, image: DecodedImage, language: str) -> RecognizedText:
        self.read.append((image.format, language))
        if isinstance(self.text, SeesayError):
            raise self.text
        return self.text

    def caption(
        self,
        data: bytes = PNG,
        on_token: TokenCallback = lambda _text, _token: None,
        **options: Any,
    ) -> CaptionResult:
        checked = self.captioner.check(options)
        image = read_image(data, target_size=self.captioner.target_size(checked))
        return run_sync(
            self.captioner(
                image,
                options=checked,
                on_token=on_token,
                on_progress=lambda stage, done, total: None,
                cancel=SimpleNamespace(raise_if_cancelled=lambda: None),
            )
        )


def a_sure_cat() -> ScriptedSession:
    return ScriptedSession({1: 1.0}, {2: 1.0}, {4: 1.0}, {5: 1.0}, {6: 1.0}, {7: 1.0}, {0: 1.0})


def plain_paper() -> bytes:
    """Return a picture whose light changes gradually."""
    ramp = np.linspace(120, 220, 300).astype(np.uint8)
    return encode(Image.fromarray(np.tile(ramp[None, :, None], (200, 1, 3))), "PNG")


def test_a_drawing_goes_to_the_model_and_its_caption_gives_the_keywords() -> None:
    fakes = Fakes("drawing")
    result = fakes.caption()
    assert (result.kind, result.caption) == ("drawing", "a cat on the mat.")
    assert [keyword.text for keyword in result.keywords] == ["cat", "mat"]
    assert fakes.described == []
    assert Fakes("drawing").caption(keywords=False).keywords == ()


def test_a_guess_about_what_is_surely_a_drawing_wakes_no_other_model() -> None:
    fakes = Fakes("drawing")
    fakes.run = Run(a_cat_on_the_mat(), confidence_threshold=1.0)
    fakes.captioner.writer = fakes.run.pipeline
    fakes.shares["photograph"] = 0.04
    assert fakes.caption().flagged
    assert fakes.described == []


@pytest.mark.parametrize("is_guess", [False, True])
def test_a_guess_about_a_drawing_is_asked_for_once_more_as_a_photograph(is_guess: bool) -> None:
    fakes = Fakes("drawing")
    fakes.shares["photograph"] = 0.2
    fakes.run = Run(a_cat_on_the_mat(), confidence_threshold=1.0)
    fakes.captioner.writer = fakes.run.pipeline
    fakes.description = Description(DESCRIPTION.sentences, DESCRIPTION.keywords, is_guess)
    result = fakes.caption()
    assert fakes.described
    if is_guess:
        assert (result.kind, result.caption, result.flagged) == (
            "drawing",
            "a cat on the mat.",
            True,
        )
    else:
        assert (result.kind, result.caption, result.flagged) == ("photograph", "two macaws", False)


@pytest.mark.parametrize(("sure", "kind"), [(True, "drawing"), (False, "photograph")])
def test_where_the_router_is_not_sure_the_model_is_heard_first(sure: bool, kind: Kind) -> None:
    for said in KINDS:
        fakes = Fakes(said, share=0.7, other="photograph" if said == "drawing" else "drawing")
        fakes.text = RecognizedText("", 0.0, "eng")
        fakes.run = Run(a_sure_cat() if sure else a_cat_on_the_mat())
        fakes.captioner.writer = fakes.run.pipeline
        wanted = "drawing" if said == "text" and not sure else kind
        assert fakes.caption().kind == wanted, said
        assert len(fakes.run.model.pixel_values) == 1
        assert bool(fakes.read) == (said == "text" and not sure)


def test_where_it_is_sure_nobody_else_is_asked() -> None:
    fakes = Fakes("photograph", share=0.95)
    assert fakes.caption().kind == "photograph"
    assert fakes.run.model.pixel_values == []


def test_a_caption_that_may_be_none_is_not_shown_as_it_is_written() -> None:
    tokens: list[str] = []
    Fakes("photograph", share=0.7).caption(on_token=lambda text, _token: tokens.append(text))
    assert tokens == []
    Fakes("drawing", share=0.7, other="photograph").caption(
        on_token=lambda text, _token: tokens.append(text)
    )
    assert tokens


def test_a_photographed_page_is_read_and_what_only_resembles_one_is_described() -> None:
    words = "Region-based segmentation. Let us first determine markers of the coins."
    for text, described in ((words, False), ("Exit", True), ("", True)):
        fakes = Fakes("photograph", share=0.8, other="text")
        fakes.text = RecognizedText(text, 0.8, "eng")
        result = fakes.caption(plain_paper())
        assert (result.kind == "photograph") == described
        assert fakes.read
        assert bool(fakes.described) == described
        assert (result.text is None) == described
    for sample in (Fakes("photograph"), Fakes("photograph", share=0.98, other="text")):
        assert sample.caption(plain_paper()).kind == "photograph"
        assert sample.read == []
    fakes = Fakes("photograph", share=0.8, other="text")
    assert fakes.caption(plain_paper(), text=False).kind == "photograph"
    assert fakes.read == []


def test_a_photograph_is_described() -> None:
    fakes = Fakes("photograph")
    result = fakes.caption(num_beams=4, num_return_sequences=4)
    assert (result.kind, result.caption, result.flagged) == ("photograph", "two macaws", False)
    assert [one.text for one in result.candidates] == ["two macaws", "two birds"]
    assert result.confidence == 0.9
    assert result.keywords == DESCRIPTION.keywords
    assert (result.image.width, result.image.height, result.image.format) == (80, 60, "PNG")
    assert fakes.run.model.pixel_values == []  # the model was not asked
    assert fakes.read == []
    first = result.candidates[0]
    assert "".join(token.text for token in first.tokens) == first.text
    assert math.exp(first.tokens[0].logprob) == pytest.approx(0.9)
    assert first.attention is None


def test_as_many_candidates_as_were_asked_for() -> None:
    assert len(Fakes("photograph").caption(num_return_sequences=1).candidates) == 1


def test_each_word_lights_the_place_of_its_thing() -> None:
    result = Fakes("photograph").caption(attentions=True)
    attention = result.candidates[0].attention
    assert attention is not None
    assert [word.text for word in attention.words] == ["two", "macaws"]
    for word in attention.words:
        cells = np.reshape(word.weights, (attention.height, attention.width))
        assert cells.sum() == pytest.approx(1)
        assert cells[:, : attention.width // 2].sum() == pytest.approx(1)


def test_a_word_without_a_place_is_spread_evenly() -> None:
    fakes = Fakes("photograph")
    fakes.description = Description((sentence("perhaps a canoe", 0.4),), (), is_guess=True)
    result = fakes.caption(attentions=True)
    assert result.flagged
    attention = result.candidates[0].attention
    assert attention is not None
    assert len(set(attention.words[0].weights)) == 1


def test_a_page_of_text_is_read() -> None:
    fakes = Fakes("text")
    result = fakes.caption()
    assert (result.kind, result.caption) == ("text", "Screenshot: Save Cancel")
    assert result.text == fakes.text
    assert result.to_dict()["text"]["text"] == "Save\nCancel"
    assert fakes.read == [("PNG", "eng")]
    assert fakes.described == []
    photographed = fakes.caption(JPEG, text_language="deu")
    assert photographed.caption == "Text: Save Cancel"
    assert fakes.read[-1] == ("JPEG", "deu")


@pytest.mark.parametrize(
    "error", [NetworkError("Go online."), InferenceError("It failed."), AssetError("Reload.")]
)
def test_where_text_cannot_be_read_the_result_says_why_and_the_rest_is_there(
    error: SeesayError,
) -> None:
    fakes = Fakes("text")
    fakes.text = error
    page = fakes.caption()
    assert (page.caption, page.text) == (LOOKS_LIKE_TEXT, None)
    assert page.to_dict()["text_problem"] == error.message
    fakes = Fakes("photograph")
    fakes.text = error
    photograph = fakes.caption(text=True)
    assert (photograph.caption, photograph.text_problem) == ("two macaws", error.message)
    fakes = Fakes("drawing", draws_only=False)
    fakes.text = error
    drawing = fakes.caption(text=True)
    assert (drawing.caption, drawing.text_problem) == ("a cat on the mat.", error.message)


def test_where_nobody_reads_there_is_no_problem() -> None:
    page = Fakes("text").caption(text=False)
    assert page.caption == LOOKS_LIKE_TEXT
    assert "text_problem" not in page.to_dict()


@pytest.mark.parametrize("error", [InputError("No image."), CancelledError("Stopped.")])
def test_other_errors_of_reading_end_the_call(error: SeesayError) -> None:
    fakes = Fakes("text")
    fakes.text = error
    with pytest.raises(type(error)):
        fakes.caption()


def test_what_looked_like_text_and_has_no_words_is_a_drawing() -> None:
    fakes = Fakes("text")
    fakes.text = RecognizedText("", 0.0, "eng")
    result = fakes.caption()
    assert (result.kind, result.caption) == ("drawing", "a cat on the mat.")
    assert result.text == fakes.text


def test_another_model_is_left_alone_unless_more_is_wished_for() -> None:
    fakes = Fakes("photograph", draws_only=False)
    plain = fakes.caption()
    assert (plain.caption, plain.kind, plain.keywords) == ("a cat on the mat.", None, ())
    assert fakes.described == []
    fakes = Fakes("photograph", draws_only=False)
    more = fakes.caption(keywords=True, text=True)
    assert more.caption == "a cat on the mat."
    assert more.keywords == DESCRIPTION.keywords
    assert more.text == fakes.text
    assert more.kind == "photograph"


def test_several_images_come_in_order() -> None:
    fakes = Fakes("photograph")
    ends = run_sync(
        fakes.captioner.caption_batch(
            [read_image(PNG), read_image(JPEG)],
            options=fakes.captioner.check({}),
            on_progress=lambda stage, done, total: None,
            cancel=SimpleNamespace(raise_if_cancelled=lambda: None),
        )
    )
    assert [end.image.format for end in ends if isinstance(end, CaptionResult)] == ["PNG", "JPEG"]
    assert fakes.routed == 2


def test_an_option_that_one_image_cannot_honour_stops_no_other() -> None:
    fakes = Fakes("drawing")

    async def route(image: Image.Image) -> dict[Kind, float]:
        kind: Kind = "drawing" if image.size == (80, 60) else "photograph"
        return {**dict.fromkeys(KINDS, 0.0), kind: 1.0}

    fakes.captioner._route = route
    photograph = read_image(encode(pattern(60, 90), "PNG"))
    ends = run_sync(
        fakes.captioner.caption_batch(
            [photograph, read_image(PNG)],
            options=fakes.captioner.check({"prefix": "a cat"}),
            on_progress=lambda stage, done, total: None,
            cancel=SimpleNamespace(raise_if_cancelled=lambda: None),
        )
    )
    assert [type(end) for end in ends] == [ConfigurationError, CaptionResult]


def test_what_is_looked_at_is_decoded_larger() -> None:
    starter = Fakes("photograph").captioner
    assert starter.target_size(starter.check({})) == (512, 512)
    other = Fakes("photograph", draws_only=False).captioner
    assert other.target_size(other.check({})) == (8, 8)
    assert other.target_size(other.check({"keywords": True})) == (512, 512)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"keywords": 1}, "keywords must be true or false."),
        ({"text": "yes"}, "text must be true or false."),
        ({"text_language": "klingon"}, "text_language must be one of eng, deu, fra, spa."),
        ({"nonsense": 1}, "nonsense"),
    ],
)
def test_wishes_that_cannot_be_granted_are_refused_first(
    options: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        Fakes("photograph").caption(b"no image at all", **options)


@pytest.mark.parametrize("options", [{"prefix": "a photo of"}, {"bad_words": ["macaw"]}])
def test_a_description_cannot_be_steered_word_by_word(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="describes photographs in its own words"):
        Fakes("photograph").caption(**options)


@pytest.mark.parametrize("kind", ["drawing", "photograph", "text"])
def test_tasks_are_answered_by_whoever_speaks(kind: Kind) -> None:
    result = Fakes(kind).caption(tasks=["caption"])
    assert result.answers is not None
    assert result.answers["caption"].text == result.caption
    told = result.to_dict()["answers"]["caption"]
    assert told["candidates"] == result.to_dict()["candidates"]
    assert "answers" not in Fakes(kind).caption().to_dict()


@pytest.mark.parametrize(
    "tasks", [[], ["sing"], ["caption", "caption"], "caption", ["detailed"], [["caption"]], [{}]]
)
def test_tasks_that_cannot_be_done_are_refused_before_any_work(tasks: Any) -> None:
    fakes = Fakes("drawing")
    with pytest.raises(ConfigurationError, match="caption"):
        fakes.captioner.check({"tasks": tasks})


def test_options_that_are_not_given_are_wishes_of_none() -> None:
    rest, wishes = take_wishes({"keywords": None, "num_beams": 2})
    assert (rest, wishes) == ({"num_beams": 2}, Wishes())


def test_keywords_of_plain_captions() -> None:
    said = "two dogs and a red car on green grass"
    assert [keyword.text for keyword in keywords_of(said, 0.5)] == [
        "dogs",
        "red car",
        "green grass",
    ]
    said = "a large owl to the left of an apple, three apples and one crab under a blue sky"
    found = [keyword.text for keyword in keywords_of(said, 0.5)]
    assert found == ["large owl", "apple", "apples", "crab", "blue sky"]
    assert keywords_of("", 0.5) == ()


def test_only_lines_that_are_text_are_believed() -> None:
    box = (0, 0, 1, 1)
    lines = [
        TextLine("Hello there", 0.9, box),
        TextLine("~ _ |", 0.95, box),
        TextLine("xq zt", 0.2, box),
        TextLine("you", 0.8, box),
        TextLine("ABA", 0.71, box),  # a row of windows
    ]
    text = believed(lines, "eng")
    assert text.text == "Hello there\nyou"
    assert text.confidence == pytest.approx((0.9 * 10 + 0.8 * 3) / 13)
    assert believed([TextLine("I", 1.0, box)], "eng") == RecognizedText("", 0.0, "eng")


def test_first_words_make_alt_text() -> None:
    assert short_text("Screenshot", "Save  as\n…") == "Screenshot: Save as …"
    said = short_text("Screenshot", "one two three four " * 20)
    assert len(said) <= 125
    assert said.endswith(("one…", "two…", "three…", "four…"))
    assert short_text("Text", "x" * 300) == "Text: " + "x" * 118 + "…"
