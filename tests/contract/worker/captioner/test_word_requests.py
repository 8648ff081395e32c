"""What the worker answers about words in files, in CPython: Blobs are stand-ins."""

from __future__ import annotations

import asyncio
import io
import json
import struct
import zipfile
import zlib
from typing import Any

import pytest
from PIL import ExifTags, Image

from pycore.errors import CancelledError, ConfigurationError, MetadataError, SignedImageError
from pycore.exports import ExportRecord, table
from pycore.metadata import ImageWords, read_metadata, read_sidecar, write_metadata
from tests.unit.images.image_samples import encode, noise
from worker.captioner.jobs import Job
from worker.captioner.word_requests import WordRequests

JPEG = encode(noise(8, 8), "JPEG")
GIF = encode(noise(8, 8), "GIF")
WORDS = {"alt_text": "A dog.", "keywords": ["dog", "beach"]}
RECORDS: list[dict[str, Any]] = [
    {"name": "trip/a.jpg", "caption": "a dog", "alt_text": "A dog.", "keywords": ["dog"],
     "source": "trainedAlgorithmicMedia", "model": "starter", "sha256": "aa"},
    {"name": "trip/a.jpg", "caption": "a cat", "sha256": "bb"},
    {"name": "b.gif", "alt_text": "A bird.", "source": "humanEdits", "sha256": "cc"},
]  # fmt: skip


class Blob:
    """Collects pieces."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def add(self, piece: bytes) -> None:
        self.pieces.append(piece)

    def finish(self, media_type: str) -> tuple[str, bytes]:
        return media_type, b"".join(self.pieces)


def ask(kind: str, job: Job | None = None, **payload: Any) -> Any:
    async def read(file: bytes) -> bytes:
        return file

    job = job or Job(1, lambda *_message: None)
    return asyncio.run(WordRequests(Blob, read).works[kind](job, payload))  # type: ignore[arg-type]


def test_words_go_into_a_file_and_are_read_from_it() -> None:
    change = ask("metadata.plan", image=JPEG, words=WORDS, options={})
    outcomes = {one["name"]: one["outcome"] for one in change["fields"]}
    assert (outcomes["alt_text"], outcomes["keywords"]) == ("added", "added")
    written = ask("metadata.write", image=JPEG, words=WORDS, options={"date": "2026-05-01T10:00Z"})
    media_type, data = written["blob"]
    assert (media_type, written["change"]) == ("image/jpeg", change)
    assert json.loads(json.dumps(change)) == change  # plain data
    found = ask("metadata.read", image=data)
    assert (found["format"], found["signed"]) == ("JPEG", False)
    assert {name: found["words"][name] for name in WORDS} == WORDS


@pytest.mark.parametrize(
    ("writer", "description", "kept"),
    [
        ("", "Oma, 1987", ("A dog.", "Oma, 1987")),
        ("Seesay, ViT-GPT2; not reviewed", "a dog", ("", "")),
        ("Seesay, ViT-GPT2; reviewed", "a dog", ("A dog.", "a dog")),
        ("", "OLYMPUS DIGITAL CAMERA", ("A dog.", "")),
    ],
)
def test_a_persons_words_are_told_from_what_machines_wrote(
    writer: str, description: str, kept: tuple[str, str]
) -> None:
    words = ImageWords("A dog.", description=description, caption_writer=writer)
    found = ask("metadata.read", image=write_metadata(JPEG, words))
    assert found["words"]["description"] == description
    assert (found["by_person"]["alt_text"], found["by_person"]["description"]) == kept


def test_a_description_in_exif_alone_is_the_cameras() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = "DCIM/100MEDIA/DJI_0001.JPG"
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "JPEG", exif=exif)
    found = ask("metadata.read", image=out.getvalue())
    assert found["words"]["description"] == "DCIM/100MEDIA/DJI_0001.JPG"
    assert found["by_person"]["description"] == ""


def test_existing_words_stay_unless_they_may_be_replaced() -> None:
    old = write_metadata(JPEG, ImageWords(alt_text="Old."))
    for replace, text in (([], "Old."), (["alt_text"], "A dog.")):
        done = ask("metadata.write", image=old, words=WORDS, options={"replace": replace})
        assert read_metadata(done["blob"][1]).alt_text == text


def test_words_that_were_written_are_taken_out_and_the_file_is_as_before() -> None:
    date = "2026-05-01T10:00Z"
    data = ask("metadata.write", image=JPEG, words=WORDS, options={"date": date})["blob"][1]
    change = ask("metadata.plan", image=data, words=WORDS, options={"remove": True})
    assert {one["name"] for one in change["fields"] if one["outcome"] == "removed"} == set(WORDS)
    written = ask("metadata.write", image=data, words=WORDS, options={"remove": True})
    assert (written["change"], written["blob"][1]) == (change, JPEG)
    with pytest.raises(ConfigurationError):
        ask("export", records=RECORDS, files=[], options={"forms": ["csv"], "remove": True})


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ({"title": "x"}, {}),
        ({"alt_text": 3}, {}),
        ({"keywords": "dog"}, {}),
        ({"keywords": [3]}, {}),
        ({}, {"replace": "alt_text"}),
        ({}, {"replace": ["title"]}),
        ({}, {"replace": [["alt_text"]]}),
        ({}, {"replace": [3, "title"]}),
        ({}, {"exif": "yes"}),
        ({}, {"remove": "yes"}),
        ({}, {"colour": True}),
        ({}, {"date": "yesterday"}),
        ({}, {"date": 3}),
    ],
)
def test_what_cannot_be_honoured_is_refused(words: Any, options: Any) -> None:
    with pytest.raises(ConfigurationError):
        ask("metadata.plan", image=JPEG, words=words, options=options)


def test_a_sidecar() -> None:
    media_type, data = ask("metadata.sidecar", words=WORDS, options={})["blob"]
    assert media_type == "application/rdf+xml"
    assert read_sidecar(data).alt_text == "A dog."


@pytest.mark.parametrize("form", ["csv", "json", "jsonl", "html", "md"])
def test_one_table_is_a_file_of_its_own(form: str) -> None:
    answer = ask("export", records=RECORDS, files=[], options={"forms": [form]})
    assert answer["name"] == f"captions.{form}"
    assert b"trip/a.jpg" in answer["blob"][1]


def test_html_and_markdown_have_what_to_paste_for_each_image() -> None:
    records = [
        {"name": "trip/a b.jpg", "alt_text": 'A "dog" & a cat.', "state": "draft"},
        {"name": "line.png", "state": "decorative"},
        {"name": "c.gif", "state": "empty"},
    ]
    made = [
        ask("export", records=records, files=[], options={"forms": [form]})["blob"][1]
        for form in ("html", "md")
    ]
    assert made == [
        (
            b'<img src="trip/a%20b.jpg" alt="A &quot;dog&quot; &amp; a cat.">\n'
            b'<img src="line.png" alt="">\n<img src="c.gif">\n'
        ),
        b'![A "dog" \\& a cat.](trip/a%20b.jpg)\n\n![](line.png)\n\n![](c.gif)\n\n',
    ]
    names = ["trip/a-dog.jpg", "line.png", "c.gif"]
    options = {"forms": ["csv", "html"], "names": names}
    zipped = ask("export", records=records, files=[], options=options)["blob"][1]
    with zipfile.ZipFile(io.BytesIO(zipped)) as archive:
        assert b'src="trip/a-dog.jpg"' in archive.read("captions.html")
        assert b"trip/a b.jpg" in archive.read("captions.csv")


def test_an_export_of_everything_is_one_zip() -> None:
    events: list[Any] = []
    job = Job(1, lambda _id, kind, payload: events.append((kind, payload)))
    forms = ["csv", "json", "jsonl", "html", "md", "txt", "xmp", "images"]
    files = [JPEG, None, GIF]
    answer = ask("export", job, records=RECORDS, files=files, options={"forms": forms})
    assert answer["name"] == "captions.zip"
    with zipfile.ZipFile(io.BytesIO(answer["blob"][1])) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    assert sorted(found) == sorted(
        ["captions.csv", "captions.json", "captions.jsonl", "captions.html",
         "captions.md", "trip/a.txt", "trip/a (2).txt", "b.txt",
         "trip/a.xmp", "trip/a (2).xmp", "b.xmp", "trip/a.jpg", "b.gif", "b.gif.xmp"]
    )  # fmt: skip
    assert read_metadata(found["trip/a.jpg"]).alt_text == "A dog."
    assert found["b.gif"] == GIF
    assert read_sidecar(found["b.gif.xmp"]).alt_text == "A bird."
    (note,) = answer["notes"]
    assert note.startswith("b.gif: its words are beside it.")
    assert [payload["loaded"] for _, payload in events] == [0, 1, 2, 3]


def test_words_that_fit_nowhere_are_said_to_be_left_out() -> None:
    records = [{"name": "a.jpg", "extended_description": "a" * 200_000}, {"name": "b.gif"}]
    answer = ask("export", records=records, files=[JPEG, GIF], options={"forms": ["images"]})
    with zipfile.ZipFile(io.BytesIO(answer["blob"][1])) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "a.jpg": JPEG,
            "b.gif": GIF,
        }
    (note,) = answer["notes"]
    assert note.startswith("a.jpg: its words were left out. That text is 200,000 characters long")
    with pytest.raises(MetadataError, match=r"^a\.jpg: That text is 200,000"):
        ask("export", records=records, files=[], options={"forms": ["xmp"]})


def test_images_get_new_names_and_the_old_ones_are_kept() -> None:
    options = {"forms": ["images", "txt"], "names": ["trip/a-dog.jpg", "trip/a.jpg", "b.gif"]}
    answer = ask("export", records=RECORDS, files=[JPEG, JPEG, GIF], options=options)
    with zipfile.ZipFile(io.BytesIO(answer["blob"][1])) as archive:
        names = set(archive.namelist())
        undo = archive.read("renamed.csv").decode("utf-8-sig")
    assert {"trip/a-dog.jpg", "trip/a-dog.txt", "trip/a.jpg", "trip/a.txt", "b.gif"} <= names
    assert undo == "name,old_name\r\ntrip/a-dog.jpg,trip/a.jpg\r\n"


def test_an_export_can_be_stopped_between_images() -> None:
    job = Job(1, lambda *_message: None)
    job.stop.cancel()
    with pytest.raises(CancelledError):
        ask("export", job, records=RECORDS, files=[JPEG] * 3, options={"forms": ["images"]})


@pytest.mark.parametrize(
    ("records", "options"),
    [
        (RECORDS, {"forms": []}),
        (RECORDS, {"forms": ["pdf"]}),
        (RECORDS, {"forms": [["csv"]]}),
        (RECORDS, {"forms": ["images"]}),
        (RECORDS, {"forms": ["txt"], "names": ["x"]}),
        (RECORDS, {"forms": ["txt"], "names": ["x", "y", ""]}),
        ([{"caption": "x"}], {"forms": ["csv"]}),
        ([{"name": "x", "colour": "red"}], {"forms": ["csv"]}),
        ([{"name": "x", "reviewed": "yes"}], {"forms": ["csv"]}),
        ([{"name": "x", "fields": {"licence": 1}}], {"forms": ["csv"]}),
        ([{"name": "x", "fields": {"Name ": "y"}}], {"forms": ["csv"]}),
    ],
)
def test_other_exports_are_refused(records: Any, options: Any) -> None:
    with pytest.raises(ConfigurationError):
        ask("export", records=records, files=[], options=options)


def test_signed_files_are_refused_unless_the_person_says_so() -> None:
    png = encode(noise(8, 8), "PNG")
    box = b"caBX\x00\x00\x00\x20jumb"  # behind the signature and the header
    chunk = struct.pack(">I", len(box) - 4) + box + struct.pack(">I", zlib.crc32(box))
    signed = png[:33] + chunk + png[33:]
    assert ask("metadata.read", image=signed)["signed"] is True
    with pytest.raises(SignedImageError):
        ask("metadata.write", image=signed, words=WORDS, options={})
    done = ask("metadata.write", image=signed, words=WORDS, options={"break_signature": True})
    assert read_metadata(done["blob"][1]).alt_text == "A dog."


def test_a_table_comes_back() -> None:
    edited = b"".join(
        table([
            ExportRecord("renamed.jpg", alt_text="A wet dog.", keywords=("dog",), sha256="aa"),
            ExportRecord("b.gif", alt_text="A gull.", sha256="cc"),
            ExportRecord("b.gif", alt_text="Another.", sha256="dd"),
            ExportRecord("nowhere.jpg", alt_text="Lost."),
        ])
    )  # fmt: skip
    merge = ask("table.merge", records=RECORDS, table=edited)
    assert merge["updates"] == [{"index": 0, "fields": {"alt_text": "A wet dog."}}]
    assert merge["conflicts"] == [
        {"index": 2, "name": "b.gif", "field": "alt_text", "here": "A bird.", "there": "A gull."}
    ]
    assert (merge["unknown"], merge["changed"]) == (["nowhere.jpg"], ["b.gif"])
    mine = {"name": "a.jpg", "keywords": ["Rex", "pet"], "by_person": ["keywords"]}
    merge = ask("table.merge", records=[mine], table=b"name,keywords\na.jpg,animal\n")
    assert merge["updates"] == []
    (conflict,) = merge["conflicts"]
    assert (conflict["here"], conflict["there"]) == (["Rex", "pet"], ["animal"])
    with pytest.raises(ConfigurationError, match="by a person"):
        ask("table.merge", records=[mine | {"by_person": "keywords"}], table=b"name\na.jpg\n")
