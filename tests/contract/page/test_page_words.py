"""What the page says, and how it tells file types apart; the same code runs in MicroPython."""

from __future__ import annotations

import importlib
from types import ModuleType, SimpleNamespace

import pytest

from pycore.images.format import BROWSER_FORMATS, READABLE_FORMATS
from tools.project import ROOT


@pytest.fixture
def words(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(ROOT / "web")
    return importlib.import_module("page.texts")


@pytest.fixture
def model_words(words: ModuleType) -> ModuleType:
    return importlib.import_module("page.models.model_texts")


@pytest.fixture
def filetype(words: ModuleType) -> ModuleType:
    return importlib.import_module("page.image.filetype")


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1 KB"),
        (999_499, "999 KB"),
        (999_500, "1.0 MB"),
        (9_949_999, "9.9 MB"),
        (9_950_000, "10 MB"),
        (248_167_043, "248 MB"),
        (999_500_000, "1.0 GB"),
        (4_000_000_000, "4.0 GB"),
    ],
)
def test_sizes_never_show_more_digits_than_help(
    words: ModuleType, size_bytes: int, text: str
) -> None:
    assert words.size(size_bytes) == text


def test_confidence_in_words(words: ModuleType) -> None:
    assert words.sureness(0.93, False) == "Very sure: 93 %"
    assert words.sureness(0.7, False) == "Fairly sure: 70 %"
    assert words.sureness(0.4, False) == "Not quite sure: 40 %"
    assert words.sureness(0.93, True) == "A guess: 93 %"
    assert words.sureness(0.0, True) == "Nothing is claimed"  # "I cannot tell what ..."


def test_a_silent_starter_makes_no_guess(words: ModuleType) -> None:
    assert "This is a guess" in words.guess("starter", "photograph", 0.5)
    assert "knows none of those" in words.guess("starter", "photograph", 0.0)


def test_peak_memory_in_plain_words(words: ModuleType) -> None:
    said = words.peak_memory(239_400_000.0, 54_000_000.0)
    assert said == "Peak memory: 293 MB. The model: 239 MB; Python: 54 MB."


def test_every_stage_of_the_protocol_has_its_place_and_its_words(words: ModuleType) -> None:
    for stage in ("runtime", "model", "image", "encode", "decode"):
        assert words.stage(stage) in words.STAGES
        assert words.doing(stage, 0, 0, "steps").endswith(" …")
    assert words.doing("model", 3_000_000, 8_000_000, "bytes").endswith("3.0 MB of 8.0 MB")
    for said in (words.doing("text", 0, 1, "steps"), words.READING):
        assert "the first time with 4 MB more" in said  # what reads is fetched at the first need


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "JPEG"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"GIF89a", "GIF"),
        (b"BM\x00\x00", "BMP"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "WebP"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", ""),
        (b"II*\x00\x08\x00", "TIFF"),
        (b"MM\x00*\x00\x00", "TIFF"),
        (b"\x00\x00\x00\x20ftypavif\x00\x00\x00\x00avifmif1miaf", "AVIF"),
        (b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00avifmif1miaf", "AVIF"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "HEIC"),
        (b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1miaf", "HEIC"),
        (b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2", "Film"),
        (b"\xff\xff\xff\xffftypisom", "Film"),
        (b"  <?xml version='1.0'?><SVG ", "SVG"),
        (b"%PDF-1.7", "PDF"),
        (b"\x00\x00\x01\x00\x01\x00", "ICO"),
        (b"\xff\x0a\xfa\x1f", "JPEG XL"),
        (b"\xff\x4f\xff\x51\x00\x29", "JPEG 2000"),
        (b"PK\x03\x04", "ZIP"),
        (b"hello", ""),
        (b"\x00", ""),
        (b"", ""),
    ],
)
def test_file_types_by_content(filetype: ModuleType, head: bytes, name: str) -> None:
    assert filetype.file_type(head) == name


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("SVG", "an SVG file"),
        ("PDF", "a PDF file"),
        ("ZIP", "a ZIP file"),
        ("Photoshop", "a Photoshop file"),
        ("Film", "a film"),
    ],
)
def test_files_of_other_kinds_have_their_article(words: ModuleType, kind: str, said: str) -> None:
    assert f"is {said}, which Seesay cannot read." in words.foreign("x", kind)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("AVIF", "an AVIF file"),
        ("HEIC", "an HEIC file"),
        ("ICO", "an ICO file"),
        ("JPEG XL", "a JPEG XL file"),
        ("JPEG 2000", "a JPEG 2000 file"),
    ],
)
def test_what_this_browser_cannot_decode(words: ModuleType, kind: str, said: str) -> None:
    assert words.undecodable("x", kind).startswith(f"“x” is {said}, which this browser cannot")


def test_the_formats_are_those_of_the_core(filetype: ModuleType) -> None:
    assert filetype.IMAGES == READABLE_FORMATS
    assert filetype.BROWSER_IMAGES == BROWSER_FORMATS


def test_the_limit_is_said(words: ModuleType) -> None:
    assert words.too_large("x", 256_000_000).startswith("“x” is larger than the limit of 256 MB.")


def test_every_prefix_of_a_file_has_a_type_or_none(filetype: ModuleType) -> None:
    head = b"\x00\x00\x00\x20ftypmif1\x00\x00\x00\x00avifmif1miaf"
    for length in range(len(head)):
        assert filetype.file_type(head[:length]) in {"", "HEIC", "AVIF", "Film"}


def test_transfers_tell_bytes_speed_and_time_left(model_words: ModuleType) -> None:
    event = SimpleNamespace(
        phase="downloading",
        source="network",
        loaded=112_000_000,
        total=248_167_043,
        speed_bytes_per_s=8_100_000.0,
        seconds_left=17.0,
        in_memory=False,
    )
    assert (
        model_words.transfer(event) == "Downloading: 112 MB of 248 MB, 8.1 MB a second, 17 s left"
    )
    event.source = "device"
    assert model_words.transfer(event) == "Downloading: 112 MB of 248 MB, from this device"
    waiting = SimpleNamespace(phase="waiting", message="The hub is busy.", retry_in_s=4.2)
    assert model_words.transfer(waiting) == "The hub is busy. Trying again in 4 s."


def test_what_is_not_kept_is_not_called_kept(words: ModuleType, model_words: ModuleType) -> None:
    assert words.kept(158_000_000.0) == "· 158 MB kept on this device"
    assert words.kept(0) == "· nothing kept on this device"
    status = SimpleNamespace(
        model="vit-gpt2",
        name="ViT-GPT2",
        state="absent",
        in_memory=False,
        hosted=False,
        licence="Apache-2.0",
        size_bytes=248_167_043,
        stored_bytes=0,
    )
    about = model_words.about(status, "huggingface.co")
    assert about == (
        "ViT-GPT2. Fetched once from huggingface.co, checked, and kept on this device: 248 MB. "
        "Licence: Apache-2.0."
    )
    status.in_memory = True
    for status.state in ("absent", "ready"):
        about = model_words.about(status, "huggingface.co")
        assert "not kept on this device: it is here until you leave the page." in about


def test_offline_use_is_off_or_incomplete_for_a_reason(words: ModuleType) -> None:
    reason = "the server answers 404 for licences.html."
    assert words.offline_off(reason) == f"Offline use is off here: {reason}"
    assert words.offline_incomplete(reason) == (
        f"Not ready for offline use yet: {reason} Reload the page to try again."
    )


def test_views_have_titles_of_their_own(words: ModuleType) -> None:
    html = (ROOT / "web" / "index.html").read_text("utf-8")
    assert f"<title>{words.TITLES['captions']}</title>" in html
    assert len(set(words.TITLES.values())) == 4


def test_names_that_are_read_from_right_to_left_turn_no_sentence_around(
    words: ModuleType, model_words: ModuleType
) -> None:
    name = "\u202egpj.exe"
    inside = words.isolated(name)
    assert inside != name
    saying = importlib.import_module("page.words.words_texts")
    conflict = {"name": name, "field": "text", "here": "a", "there": "b"}
    for said in (
        saying.saved(name),
        saying.taken_out(name),
        saying.not_saved(name, "No."),
        saying.renamed(name, "a.jpg"),
        saying.conflict(conflict),
        model_words.unknown(name, "hub.example"),
    ):
        assert inside in said
