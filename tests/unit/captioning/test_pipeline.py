from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from pycore.captioning.pipeline import ImageToText
from pycore.captioning.result import CaptionResult, Token, with_answers
from pycore.captioning.tasks import Task, TaskName
from pycore.errors import (
    BrokenImageError,
    CancelledError,
    ConfigurationError,
    InferenceError,
    UnsupportedImageError,
)
from pycore.families.florence_objects import read_objects
from pycore.generation import GenerationConfig
from pycore.images.processor import ImageProcessor
from pycore.interfaces import FloatArray, IntArray, StepOutput
from pycore.text.token_text import partial_text, token_texts
from pycore.text.tokenizer import Tokenizer
from tests.unit.generation.generation_fakes import CancelAfter, Table, TableSession
from tests.unit.helpers import run_sync
from tests.unit.images.image_samples import encode, pattern

WORDS = ["<end>", "a", " cat", " dog", " on", " the", " mat", ".", "\N{SNOWMAN}"]
SPACE = "\N{LATIN CAPITAL LETTER G WITH DOT ABOVE}"
IMAGE = encode(pattern(40, 30), "PNG")


def make_tokenizer(*, clean_up: bool = False, places: Mapping[str, int] | None = None) -> Tokenizer:
    """One token a word; the snowman takes two: its first byte, and the other two."""
    tokens = [word.replace(" ", SPACE) for word in WORDS[1:-1]]
    letters = sorted({character for token in tokens for character in token} - set(tokens))
    vocabulary = {token: i for i, token in enumerate(["<end>", *tokens, "â", "ĺĥ", *letters])}
    merges = []
    for token in tokens:
        for end in range(2, len(token) + 1):
            merges.append(f"{token[: end - 1]} {token[end - 1]}")
            vocabulary.setdefault(token[:end], len(vocabulary))
    return Tokenizer(
        vocabulary,
        merges,
        added_tokens={"<end>": 0, **(places or {})},
        special_ids=[0, *(places or {}).values()],
        clean_up_tokenization_spaces=clean_up,
    )


TOKENIZER = make_tokenizer()


class ScriptedSession(TableSession):
    """Writes a sentence, with less likely words beside it; fails or ends on demand."""

    def __init__(self, *likely: Mapping[int, float]) -> None:
        super().__init__(Table(vocab_size=64, levels=1, end_bonus=0.0))
        self._likely = likely
        self.fails_at: int | None = None

    async def step(self, input_ids: IntArray, beam_idx: IntArray | None = None) -> StepOutput:
        if self.fails_at == len(self.steps):
            raise InferenceError("The model stopped.")
        await super().step(input_ids, beam_idx)
        logits = np.full((input_ids.shape[0], 64), -40.0, dtype=np.float32)
        step = min(len(self.steps), len(self._likely)) - 1
        for token, probability in self._likely[step].items():
            logits[:, token] = math.log(probability)
        return StepOutput(logits)


class FakeModel:
    """Opens one session and counts what is asked of it."""

    def __init__(self, session: ScriptedSession) -> None:
        self.session = session
        self.pixel_values: list[FloatArray] = []

    async def encode(self, pixel_values: FloatArray) -> ScriptedSession:
        self.pixel_values.append(pixel_values)
        return self.session


class Run:
    """A pipeline with everything around it observed; the clock ticks a second a look."""

    def __init__(self, session: ScriptedSession, **changes: Any) -> None:
        self.model = FakeModel(session)
        self.session = session
        self.tokens: list[tuple[str, Token]] = []
        self.progress: list[tuple[str, int, int]] = []
        self.now = 0.0
        settings: dict[str, Any] = {
            "image_processor": ImageProcessor.from_config(
                {
                    "image_processor_type": "ViTImageProcessor",
                    "size": {"height": 8, "width": 8},
                }
            ),
            "tokenizer": TOKENIZER,
            "generation_config": GenerationConfig(
                decoder_start_token_id=0, eos_token_ids=(0,), max_new_tokens=12
            ),
            "model": self.model,
            "model_id": "test/model",
            "revision": "abc",
            "confidence_threshold": 0.5,
            "clock": self.tick,
        }
        self.pipeline = ImageToText(**settings | changes)

    def tick(self) -> float:
        self.now += 1
        return self.now

    def answer(self, *tasks: TaskName) -> dict[TaskName, CaptionResult]:
        return run_sync(
            self.pipeline.answer(
                IMAGE,
                tasks,
                options={},
                on_token=lambda _text, _token: None,
                on_progress=lambda *_report: None,
                cancel=CancelAfter(-1),
            )
        )

    def caption(self, image: bytes = IMAGE, checks: int = -1, **options: Any) -> CaptionResult:
        return run_sync(
            self.pipeline(
                image,
                options=options,
                on_token=lambda text, token: self.tokens.append((text, token)),
                on_progress=lambda *report: self.progress.append(report),
                cancel=CancelAfter(checks),
            )
        )


def a_cat_on_the_mat() -> ScriptedSession:
    return ScriptedSession(
        {1: 1.0}, {2: 0.6, 3: 0.4}, {4: 1.0}, {5: 1.0}, {6: 1.0}, {7: 0.8, 0: 0.2}, {0: 1.0}
    )


def test_a_caption_and_all_that_is_known_about_it() -> None:
    run = Run(a_cat_on_the_mat())
    result = run.caption().to_dict()
    assert result["caption"] == "a cat on the mat."
    assert result["confidence"] == pytest.approx((0.6 * 0.8) ** (1 / 7), abs=1e-5)
    assert result["flagged"] is False
    assert result["model"] == {"id": "test/model", "revision": "abc"}
    assert result["timings"] == {
        "decode_ms": 1000.0,
        "preprocess_ms": 1000.0,
        "encode_ms": 1000.0,
        "token_ms": (1000.0,) * 7,
    }
    assert result["image"]["width"] == 30
    assert result["image"]["height"] == 40
    assert result["image"]["format"] == "PNG"
    assert len(result["image"]["sha256"]) == 64
    (candidate,) = result["candidates"]
    assert candidate["text"] == result["caption"]
    assert candidate["score"] == pytest.approx(math.log(0.48) / 7, abs=1e-5)
    assert [token["id"] for token in candidate["tokens"]] == [1, 2, 4, 5, 6, 7, 0]
    assert [token["text"] for token in candidate["tokens"]] == [
        "a", " cat", " on", " the", " mat", ".", "",
    ]  # fmt: skip
    assert candidate["words"][1] == {"text": "cat", "agreement": 1.0, "doubtful": False}
    json.dumps(result, allow_nan=False)


def test_the_model_gets_the_processed_image_and_the_session_is_released() -> None:
    run = Run(a_cat_on_the_mat())
    run.caption()
    (pixel_values,) = run.model.pixel_values
    assert pixel_values.shape == (1, 3, 8, 8)
    assert run.session.released


def test_tokens_stream_as_they_come() -> None:
    run = Run(a_cat_on_the_mat())
    result = run.caption()
    assert [text for text, _ in run.tokens] == [
        "a",
        "a cat",
        "a cat on",
        "a cat on the",
        "a cat on the mat",
        "a cat on the mat.",
        "a cat on the mat.",
    ]
    assert tuple(token for _, token in run.tokens) == result.candidates[0].tokens


def test_objects_are_read_out_of_an_answer_and_its_text_is_their_names() -> None:
    places = {"<loc_249>": 60, "<loc_749>": 61}
    box = [{token: 1.0} for token in (60, 60, 61, 61)]
    session = ScriptedSession({2: 1.0}, *box, {3: 1.0}, *box, {2: 1.0}, *box, {0: 1.0})
    tasks: dict[TaskName, Task] = {"caption": Task(), "objects": Task(read_objects=read_objects)}
    config = GenerationConfig(decoder_start_token_id=0, eos_token_ids=(0,), max_new_tokens=40)
    run = Run(
        session,
        tokenizer=make_tokenizer(places=places),
        tasks=tasks,
        generation_config=config,
    )
    answers = run.answer("objects")
    result = with_answers(answers).to_dict()
    where = pytest.approx((0.2495, 0.2495, 0.7495, 0.7495))
    assert result["objects"] == tuple(
        {"label": label, "box": where} for label in ("cat", "dog", "cat")
    )
    assert result["caption"] == result["answers"]["objects"]["text"] == "cat, dog"
    assert result["candidates"][0]["text"] == "cat, dog"
    json.dumps(result, allow_nan=False)
    assert "objects" not in Run(a_cat_on_the_mat()).caption().to_dict()


def test_progress_goes_through_the_stages() -> None:
    run = Run(a_cat_on_the_mat())
    run.caption()
    assert run.progress[:5] == [
        ("image", 0, 1),
        ("image", 1, 1),
        ("encode", 0, 1),
        ("encode", 1, 1),
        ("decode", 0, 12),
    ]
    assert run.progress[5:] == [("decode", step, 12) for step in range(1, 8)]


def test_low_confidence_is_flagged() -> None:
    run = Run(a_cat_on_the_mat(), confidence_threshold=0.95)
    assert run.caption().flagged


def test_candidates_are_ranked_and_their_words_compared() -> None:
    run = Run(a_cat_on_the_mat())
    result = run.caption(num_beams=4, num_return_sequences=4)
    texts = [candidate.text for candidate in result.candidates]
    assert texts[0] == result.caption == "a cat on the mat."
    assert set(texts[1:3]) == {"a dog on the mat.", "a cat on the mat"}
    scores = [candidate.score for candidate in result.candidates]
    assert scores == sorted(scores, reverse=True)
    agreement = {word.text: word.agreement for word in result.candidates[0].words}
    assert agreement["on"] == pytest.approx(1.0)
    assert 0.5 < agreement["cat"] < 0.7
    for candidate in result.candidates:
        assert "".join(token.text for token in candidate.tokens).strip() == candidate.text


def test_samples_are_ranked_too() -> None:
    run = Run(a_cat_on_the_mat())
    result = run.caption(do_sample=True, num_return_sequences=6, seed=1)
    scores = [candidate.score for candidate in result.candidates]
    assert len(set(scores)) > 1
    assert scores == sorted(scores, reverse=True)
    assert result.caption == result.candidates[0].text


def test_a_prefix_begins_the_caption_and_does_not_count_for_confidence() -> None:
    run = Run(ScriptedSession({6: 0.5, 2: 0.5}, {0: 1.0}))
    result = run.caption(prefix="a cat on the ", bad_words=["cat"])
    assert run.session.steps[0][0].tolist() == [[0, 1, 2, 4, 5]]
    assert result.caption == "a cat on the mat"
    tokens = result.candidates[0].tokens
    assert [token.logprob for token in tokens[:4]] == [0.0] * 4
    assert tokens[4].text == " mat"
    assert result.confidence == pytest.approx(math.sqrt(0.5), abs=1e-5)
    assert run.tokens[0][0] == "a cat on the mat"
    assert run.tokens[0][1].text == " mat"


def test_bad_words_are_found_inside_the_sentence() -> None:
    assert Run(a_cat_on_the_mat()).caption(bad_words=["Cat"]).caption == "a dog on the mat."


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"bad_words": "cat"}, "bad_words must be a list of words."),
        ({"bad_words": ["cat", ""]}, "bad_words must be a list of words."),
        ({"bad_words": [3]}, "bad_words must be a list of words."),
        ({"prefix": 3}, "prefix must be a text."),
        ({"beams": 3}, "There is no option named beams."),
        ({"num_beams": 99}, "num_beams must be a whole number from 1 to 32; it is 99."),
    ],
)
def test_wrong_options_are_refused_before_any_work(options: dict[str, Any], sentence: str) -> None:
    run = Run(a_cat_on_the_mat())
    with pytest.raises(ConfigurationError) as caught:
        run.caption(b"not even an image", **options)
    assert caught.value.message == sentence
    assert run.progress == []


def test_none_means_not_given() -> None:
    run = Run(a_cat_on_the_mat())
    assert run.caption(bad_words=None, prefix=None, num_beams=None).caption == "a cat on the mat."


@pytest.mark.parametrize(
    ("image", "error"), [(b"", UnsupportedImageError), (IMAGE[:40], BrokenImageError)]
)
def test_bad_images_never_reach_the_model(image: bytes, error: type[Exception]) -> None:
    run = Run(a_cat_on_the_mat())
    with pytest.raises(error):
        run.caption(image)
    assert run.model.pixel_values == []


@pytest.mark.parametrize(("checks", "steps"), [(0, 0), (1, 0), (2, 0), (3, 1), (5, 3)])
def test_cancelling_at_any_point_releases_the_session(checks: int, steps: int) -> None:
    run = Run(a_cat_on_the_mat())
    with pytest.raises(CancelledError):
        run.caption(checks=checks)
    assert len(run.session.steps) == steps
    assert run.session.released == bool(run.model.pixel_values)


def test_a_failing_model_releases_the_session() -> None:
    run = Run(a_cat_on_the_mat())
    run.session.fails_at = 2
    with pytest.raises(InferenceError):
        run.caption()
    assert run.session.released


def test_a_failing_listener_releases_the_session() -> None:
    run = Run(a_cat_on_the_mat())
    run.tokens = None  # type: ignore[assignment]
    with pytest.raises(AttributeError):
        run.caption()
    assert run.session.released


def test_the_pipeline_goes_on_after_a_failure() -> None:
    run = Run(a_cat_on_the_mat())
    with pytest.raises(UnsupportedImageError):
        run.caption(b"text")
    assert run.caption().caption == "a cat on the mat."


def test_half_a_character_is_held_back() -> None:
    half, rest = 8, 9
    assert TOKENIZER.decode([half]) == "\N{REPLACEMENT CHARACTER}"
    assert TOKENIZER.decode([half, rest]) == "\N{SNOWMAN}"
    assert partial_text(TOKENIZER, [1, half]) == ("a", "")
    assert partial_text(TOKENIZER, [1, half, rest]) == ("a\N{SNOWMAN}", "\N{SNOWMAN}")
    assert token_texts(TOKENIZER, [1, half, rest, 7]) == ["a", "", "\N{SNOWMAN}", "."]
    assert token_texts(TOKENIZER, [1, half]) == ["a", "\N{REPLACEMENT CHARACTER}"]


def test_token_texts_join_to_the_text_where_a_token_takes_a_space_away() -> None:
    tokenizer = make_tokenizer(clean_up=True)
    ids = [1, *tokenizer.encode(" "), 7, 2, 0]
    assert tokenizer.decode(ids) == "a. cat"
    assert token_texts(tokenizer, ids) == ["a", "", ".", " cat", ""]
    assert partial_text(tokenizer, ids[:3]) == ("a.", ".")


def test_token_texts_of_nothing() -> None:
    assert token_texts(TOKENIZER, []) == []
