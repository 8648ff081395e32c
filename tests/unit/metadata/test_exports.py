"""Exports: read back by the programs that they are for, whatever the words."""

from __future__ import annotations

import csv
import io
import json
import random
import zipfile
from collections.abc import Iterator

import pytest

from pycore.errors import InputError
from pycore.exports import (
    COLUMNS,
    ExportRecord,
    further_columns,
    json_file,
    json_lines,
    read_table,
    safe_names,
    table,
    text_sidecars,
    xmp_sidecars,
    zip_file,
)
from pycore.metadata import read_sidecar
from pycore.metadata.fields import clean

RECORD = ExportRecord(
    "holiday/dog.jpg", "a dog on a beach", "A dog, on a \"beach\".", "", ("dog", "beach"),
    source="trainedAlgorithmicMedia", model="ViT-GPT2", revision="abc", state="draft",
    date="2026-01-02T03:04:05Z", sha256="00ff",
)  # fmt: skip
LETTERS = "ab=+-@'\"\t\r\n,; äß犬🐕\u202e"


def text(chance: random.Random) -> str:
    return "".join(chance.choices(LETTERS, k=chance.choice((0, 1, 2, 12))))


def records(seed: int, count: int = 40) -> list[ExportRecord]:
    chance = random.Random(seed)
    return [
        ExportRecord(
            f"{number} {text(chance)}", text(chance), text(chance), text(chance),
            tuple(f"k{one}" for one in range(chance.randrange(4))), text(chance),
            reviewed=chance.random() < 0.5,
        )
        for number in range(count)
    ]  # fmt: skip


def test_a_table_by_rfc_4180() -> None:
    rows = b"".join(table([RECORD])).split(b"\r\n")
    assert rows[0] == b"\xef\xbb\xbf" + ",".join(COLUMNS).encode()
    assert rows[1].startswith(
        b'holiday/dog.jpg,a dog on a beach,"A dog, on a ""beach"".",,dog; bea'
    )
    assert rows[1].endswith(
        b",trainedAlgorithmicMedia,ViT-GPT2,abc,draft,false,2026-01-02T03:04:05Z,00ff"
    )
    assert rows[2:] == [b""]


@pytest.mark.parametrize("seed", range(5))
def test_tables_come_back_and_hold_no_formula(seed) -> None:
    sent = records(seed)
    data = b"".join(table(sent))
    assert read_table(data) == sent
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert not [cell for row in rows for cell in row if cell.startswith(tuple("=+-@\t\r\n"))]


def test_tables_as_spreadsheets_save_them() -> None:
    sent = [RECORD]
    plain = b"".join(table(sent)).decode("utf-8-sig")
    assert read_table(plain.encode("utf-16")) == sent
    rows = list(csv.reader(io.StringIO(plain, newline="")))
    for delimiter in ";\t":
        line = io.StringIO(newline="")
        csv.writer(line, delimiter=delimiter, lineterminator="\n").writerows(rows)
        assert read_table(line.getvalue().encode()) == sent
    edited = read_table(b"Alt_Text,other,NAME,reviewed\nNew,1,dog.jpg,TRUE\n,,,\nshort\n")
    assert edited == [ExportRecord("dog.jpg", alt_text="New", reviewed=True)]


@pytest.mark.parametrize(
    "data", [b"", b"a,b\n1,2\n", b"name\n\xff\xfe\xfa", b'name\n"' + b"a" * 1_000_001]
)
def test_other_tables_are_refused(data) -> None:
    with pytest.raises(InputError) as caught:
        read_table(data)
    assert caught.value.message.endswith(".")


def test_json() -> None:
    sent = records(1)
    expected = [record.to_dict() for record in sent]
    assert json.loads(b"".join(json_file(sent))) == expected
    assert json.loads(b"".join(json_file([]))) == []
    assert [json.loads(line) for line in json_lines(sent)] == expected
    assert all(line.count(b"\n") == 1 for line in json_lines(sent))
    assert list(expected[0]) == list(COLUMNS)


def test_sidecars() -> None:
    other = ExportRecord("holiday/dog.png", "a\n caption")
    silent = ExportRecord("cat")
    names = [name for name, _ in text_sidecars([RECORD, other, silent])]
    assert names == ["holiday/dog.jpg.txt", "holiday/dog.png.txt"]
    assert list(text_sidecars([other])) == [("holiday/dog.txt", b"a caption\n")]
    ((name, packet),) = xmp_sidecars([RECORD, silent])
    assert name == "holiday/dog.xmp"
    found = read_sidecar(packet)
    assert (found.alt_text, found.description) == (RECORD.alt_text, RECORD.caption)
    assert found.keywords == RECORD.keywords
    assert found.caption_writer == "Seesay, ViT-GPT2; not reviewed"
    for record, (_, one) in zip(
        (one for one in records(2) if one.alt_text.strip()),
        xmp_sidecars([one for one in records(2) if one.alt_text.strip()]),
        strict=True,
    ):
        assert read_sidecar(one).alt_text == clean(record.alt_text)


def test_a_zip_is_made_piece_by_piece() -> None:
    chance = random.Random(1)
    files = [(f"folder/{number}.jpg", chance.randbytes(50_000)) for number in range(40)]
    files += [("words.csv", b"word " * 5_000), ("words.csv", b""), ("../ä犬.txt", b"x")]
    made: list[str] = []

    def noted() -> Iterator[tuple[str, bytes]]:
        for name, content in files:
            made.append(name)
            yield name, content

    pieces = zip_file(noted())
    first = next(pieces)
    assert made == ["folder/0.jpg"]
    whole = [first, *pieces]
    assert len(whole) == len(files) + 1
    assert max(map(len, whole)) < 51_000
    with zipfile.ZipFile(io.BytesIO(b"".join(whole))) as archive:
        assert archive.testzip() is None
        found = {info.filename: archive.read(info) for info in archive.infolist()}
        # Sizes stand before the content: no reader has to search for them.
        assert not any(info.flag_bits & 0x08 for info in archive.infolist())
    assert list(found.values()) == [content for _, content in files]
    assert list(found)[-3:] == ["words.csv", "words (2).csv", "ä犬.txt"]
    assert b"".join(zip_file(files)) == b"".join(whole)


def test_an_empty_zip() -> None:
    with zipfile.ZipFile(io.BytesIO(b"".join(zip_file([])))) as archive:
        assert archive.namelist() == []


def test_names_that_every_system_can_unpack() -> None:
    names = ["a.jpg", "A.JPG", "a.jpg", "../../etc/x", "/abs", "C:\\d\\e.png", "con.txt", "..", "",
             "a\x00?.gif", "dots. . ", ".hidden", "x/.y/z", "\ud800"]  # fmt: skip
    safe = safe_names(names)
    assert safe == ["a.jpg", "A (2).JPG", "a (3).jpg", "etc/x", "abs", "C_/d/e.png", "_con.txt",
                    "file", "file (2)", "a__.gif", "dots", ".hidden", "x/.y/z", "_"]  # fmt: skip
    many = safe_names(["a.txt"] * 3_000)
    assert len(set(many)) == 3_000


def test_further_columns_stand_behind_the_others() -> None:
    fields = {"licence": "=mine", "=1+1": "2"}
    sent = [ExportRecord("a.jpg", fields=fields), ExportRecord("b.jpg", "a dog")]
    assert further_columns(sent) == ["licence", "=1+1"]
    data = b"".join(table(sent, further_columns(sent)))
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert [row["licence"] for row in rows] == ["'=mine", ""]
    assert list(rows[0])[-1] == "'=1+1"
    assert [one.name for one in read_table(data)] == ["a.jpg", "b.jpg"]
    assert json.loads(b"".join(json_file(sent)))[0]["licence"] == "=mine"


@pytest.mark.parametrize("sign", "=+-@＝＋－＠\t\r\n")
def test_no_cell_begins_with_what_spreadsheets_run(sign) -> None:
    sent = [
        ExportRecord("a.jpg", alt_text=f"{sign}1+1"),
        ExportRecord("b.jpg", alt_text=f"'{sign}"),
    ]
    data = b"".join(table(sent))
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert [row["alt_text"] for row in rows] == [f"'{sign}1+1", f"''{sign}"]
    assert read_table(data) == sent
