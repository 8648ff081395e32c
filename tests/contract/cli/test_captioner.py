"""The Python API gives what the site gives, and refuses what it cannot honour."""

from __future__ import annotations

import io
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pycore.errors import (
    AssetError,
    CancelledError,
    ConfigurationError,
    InferenceError,
    InputError,
    UnsupportedImageError,
)
from pycore.models.catalogue import starter_entry
from seesay import Captioner, Progress
from seesay.captioner.text_reader import lines_of_tsv, read_text
from seesay.models.built_in import BuiltInModel
from tests.contract.cli.command import BEE, CASES, FIXTURES, SCENES
from tools import site


@pytest.fixture(scope="module")
def captioner():
    with Captioner() as captioner:
        yield captioner


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["image"])
def test_captions_are_those_of_the_reference(captioner: Captioner, case) -> None:
    result = captioner.caption(SCENES / case["image"])
    assert result.caption == case["text"]
    assert [token.id for token in result.candidates[0].tokens] == case["ids"]


def test_the_starter_is_the_one_of_the_site(tmp_path: Path) -> None:
    """The same revision, or else libraries would caption everything again."""
    site._copy_starter(tmp_path)
    here = BuiltInModel().entry
    there = starter_entry(site._sets(tmp_path), BuiltInModel().read_json("seesay.json"))
    assert here == there


def test_photographs_are_described(captioner: Captioner) -> None:
    result = captioner.caption(FIXTURES / "photos" / "kodim23.png")
    assert (result.caption, result.kind) == ("two macaws", "photograph")
    assert "macaw" in {keyword.text for keyword in result.keywords}


def test_beams_and_attentions(captioner: Captioner) -> None:
    result = captioner.caption(BEE, num_beams=4, num_return_sequences=3, attentions=True)
    assert result.caption == "a bee on a street"
    assert len({candidate.text for candidate in result.candidates}) == 3
    attention = result.candidates[0].attention
    assert attention is not None
    assert [word.text for word in attention.words] == ["a", "bee", "on", "a", "street"]
    np.testing.assert_allclose([sum(word.weights) for word in attention.words], 1, atol=1e-5)


def test_batches_end_one_by_one(captioner: Captioner) -> None:
    images = [SCENES / case["image"] for case in CASES]
    ends = [*captioner.caption_all([*images[:3], b"no image", *images[3:]], batch_size=4)]
    assert [end.index for end in ends] == list(range(11))
    assert isinstance(ends[3].error, UnsupportedImageError)
    captions = [end.result.caption for end in ends if end.result]
    assert captions == [case["text"] for case in CASES]


def test_what_fails_together_is_tried_alone(captioner: Captioner, monkeypatch) -> None:
    model = captioner._load(None).runtime_model
    encode = model.encode

    async def fail_in_batches(pixel_values, *, attentions=False):
        if len(pixel_values) > 1:
            raise InferenceError("no memory")
        return await encode(pixel_values, attentions=attentions)

    monkeypatch.setattr(model, "encode", fail_in_batches)
    images = [SCENES / case["image"] for case in CASES[:3]]
    captions = [end.result and end.result.caption for end in captioner.caption_all(images)]
    assert captions == [case["text"] for case in CASES[:3]]


@pytest.mark.parametrize("form", ["path", "str", "bytes", "file", "pillow", "array", "memoryview"])
def test_every_form_of_image(captioner: Captioner, form: str) -> None:
    pixels = Image.open(BEE).convert("RGB")
    data = BEE.read_bytes()
    image = {
        "path": BEE,
        "str": str(BEE),
        "bytes": data,
        "file": io.BytesIO(data),
        "pillow": pixels,
        "array": np.asarray(pixels),
        "memoryview": memoryview(data),
    }[form]
    assert captioner.caption(image).caption == "a bee on a street"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "image", [None, 3, np.zeros((4, 4)), np.zeros((0, 4, 3), np.uint8), io.StringIO("x"), "a\0b"]
)
def test_what_is_no_image_is_refused(captioner: Captioner, image) -> None:
    with pytest.raises(InputError):
        captioner.caption(image)


def test_an_address_is_told_from_a_file(captioner: Captioner) -> None:
    with pytest.raises(InputError, match="An address is not fetched"):
        captioner.caption("https://example.org/a.png")
    with pytest.raises(InputError, match=r"^There is no such file\.$"):
        captioner.caption("nowhere/https:/a.png")


def test_formats_that_a_browser_reads(captioner: Captioner) -> None:
    for name in ("AVIF", "JPEG2000", "ICO"):
        file = io.BytesIO()
        Image.open(BEE).convert("RGB").save(file, name)
        assert captioner.caption(file.getvalue()).caption == "a bee on a street", name
        with pytest.raises(InputError):
            captioner.caption(file.getvalue()[: len(file.getvalue()) // 8])


@pytest.mark.parametrize(
    "options", [{"num_beams": 0}, {"numBeams": 2}, {"text": "yes"}, {"num_return_sequences": 9}]
)
def test_options_that_cannot_be_honoured(captioner: Captioner, options) -> None:
    with pytest.raises(ConfigurationError):
        captioner.caption(BEE, **options)
    with pytest.raises(ConfigurationError):
        next(captioner.caption_all([BEE], **options))


@pytest.mark.parametrize("options", [{"num_threads": 0}, {"num_threads": True}])
def test_constructor_refuses(options) -> None:
    with pytest.raises(ConfigurationError):
        Captioner(**options)


def test_progress_and_tokens() -> None:
    seen: list[Progress] = []
    words: list[str] = []
    with Captioner(on_progress=seen.append) as captioner:
        captioner.caption(BEE, on_token=lambda text, _token: words.append(text))
    assert seen[0].stage == "model"
    assert {progress.stage for progress in seen} == {"model", "image", "encode", "decode"}
    assert words[-1] == "a bee on a street"


def test_stop(captioner: Captioner) -> None:
    stop = threading.Event()
    with pytest.raises(CancelledError):
        captioner.caption(BEE, stop=stop, on_token=lambda _text, _token: stop.set())
    with pytest.raises(CancelledError):
        next(captioner.caption_all([BEE], stop=stop))


def test_closed_captioners_say_so() -> None:
    captioner = Captioner()
    captioner.close()
    with pytest.raises(ConfigurationError, match="closed"):
        captioner.caption(BEE)


def test_folders_in_hub_layout_are_models() -> None:
    with Captioner(model=str(FIXTURES / "tiny-model")) as captioner:
        assert captioner.load().id == "tiny-model"
        assert captioner.caption(BEE).kind is None
        assert captioner.diagnostics()["decoder"] == "split"


def test_lines_of_tesseract() -> None:
    table = (
        "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"
        "4\t1\t1\t1\t1\t0\t5\t6\t90\t20\t-1\t\n"
        '5\t1\t1\t1\t1\t1\t5\t6\t40\t20\t90.0\t"Hello\n'
        "5\t1\t1\t1\t1\t2\t50\t7\t45\t18\t70.0\tworld\n"
        "5\t1\t1\t1\t2\t1\t5\t40\t30\t20\t96.5\tagain\n"
    )
    first, second = lines_of_tsv(table)
    assert (first.text, first.box) == ('"Hello world', (5, 6, 95, 26))
    assert first.confidence == pytest.approx(0.8)
    assert second.text == "again"


def test_without_tesseract_reading_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(AssetError, match="the command tesseract is not installed"):
        read_text(b"", "eng")
