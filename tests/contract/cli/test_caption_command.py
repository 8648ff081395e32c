"""``seesay caption``: what it prints, keeps, leaves out, and how it ends."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pycore.captioning.result import ModelInfo
from pycore.errors import StorageError
from pycore.library.library import Library
from pycore.library.listing import Query
from pycore.library.stdlib_database import StdlibDatabase
from pycore.metadata import (
    ImageWords,
    read_metadata,
    read_sidecar,
    write_metadata,
    xmp_sidecar,
)
from pycore.recognition.keywords import Keyword
from seesay.captioner.captioner import Captioner
from seesay.cli.csv_sink import CsvSink
from seesay.cli.inputs import InputImage
from seesay.cli.metadata_writer import MetadataWriter
from seesay.run_now import run_now
from tests.contract.cli.command import BEE, CAPTIONS, FIXTURES, SCENES, seesay
from tools.project import ROOT


@pytest.fixture
def scenes(tmp_path: Path) -> Path:
    """Three scenes and a file that is no image, among others."""
    folder = tmp_path / "scenes"
    (folder / "deep").mkdir(parents=True)
    for name in sorted(CAPTIONS)[:2]:
        shutil.copy(SCENES / name, folder)
    shutil.copy(BEE, folder / "deep")
    (folder / "notes.txt").write_text("no image")
    (folder / ".hidden.png").write_text("no image")
    return folder


def rows(path: Path) -> list[dict[str, str]]:
    return [*csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline=""))]


def test_one_image_is_one_caption(monkeypatch) -> None:
    ended = seesay(monkeypatch, "caption", BEE)
    assert (ended.status, ended.out, ended.err) == (0, "a bee on a street\n", "")


def test_folder_pattern_and_list(monkeypatch, scenes: Path) -> None:
    first, second = sorted(CAPTIONS)[:2]
    expected = [
        f"{scenes / first}\t{CAPTIONS[first]}",
        f"{scenes / second}\t{CAPTIONS[second]}",
        f"{scenes / 'deep' / BEE.name}\ta bee on a street",
    ]
    assert seesay(monkeypatch, "caption", scenes, scenes).lines == expected
    assert sorted(seesay(monkeypatch, "caption", f"{scenes}/**/*.png").lines) == sorted(expected)
    names = "\n".join(line.split("\t")[0] for line in expected[1:]).encode()
    listed = seesay(monkeypatch, "caption", "--files-from", "-", stdin=names)
    assert listed.lines == expected[1:]
    blank = scenes.parent / " blank.png "
    shutil.copy(BEE, blank)
    parted = seesay(monkeypatch, "caption", "--files-from", "-", stdin=bytes(blank) + b"\0")
    assert (parted.status, parted.out) == (0, "a bee on a street\n")


def test_tasks_are_answered_in_json(monkeypatch) -> None:
    ended = seesay(monkeypatch, "caption", BEE, "--json", "--tasks", "caption")
    assert json.loads(ended.out)["answers"]["caption"]["text"] == "a bee on a street"


def test_json_has_what_the_api_gives(monkeypatch) -> None:
    ended = seesay(monkeypatch, "caption", "--json", "-", stdin=BEE.read_bytes())
    answer = json.loads(ended.out)
    assert answer.pop("file") == "-"
    with Captioner() as captioner:
        expected = json.loads(json.dumps(captioner.caption(BEE).to_dict()))
    for result in (answer, expected):
        del result["timings"]
    assert answer == expected


def test_one_that_fails_fails_alone(monkeypatch, scenes: Path) -> None:
    broken = scenes / "broken.png"
    broken.write_bytes(BEE.read_bytes()[:60])
    ended = seesay(monkeypatch, "caption", "--json", scenes, scenes / "gone.png", "nothing*.png")
    assert ended.status == 1
    answers = [json.loads(line) for line in ended.lines]
    failed = {answer["file"]: answer["error"]["code"] for answer in answers if "error" in answer}
    assert failed == {
        str(broken): "broken_image",
        str(scenes / "gone.png"): "input",
        "nothing*.png": "input",
    }
    assert len([answer for answer in answers if "caption" in answer]) == 3
    complaints = ended.err.splitlines()
    assert len(complaints) == 3
    assert f"seesay: {scenes / 'gone.png'}: There is no such file." in complaints


def test_table_grows_and_is_gone_on_with(monkeypatch, scenes: Path, tmp_path: Path) -> None:
    table = tmp_path / "out.csv"
    assert seesay(monkeypatch, "caption", scenes, "--csv", table).status == 0
    whole = table.read_bytes()
    again = seesay(monkeypatch, "caption", scenes, "--csv", table)
    assert (again.out, table.read_bytes()) == ("", whole)
    assert "3 of 3" in again.err
    table.write_bytes(whole[:-30])  # as a kill leaves it
    assert len(seesay(monkeypatch, "caption", scenes, "--csv", table).lines) == 1
    found = rows(table)
    assert [row["name"] for row in found] == [
        *(str(scenes / name) for name in sorted(CAPTIONS)[:2]),
        str(scenes / "deep" / BEE.name),
    ]
    assert found[2]["caption"] == "a bee on a street"
    assert found[2]["model"] == "starter"
    other = seesay(monkeypatch, "caption", scenes, "--csv", table, "--model", TINY)
    assert len(other.lines) == 3  # another model's rows do not count


TINY = FIXTURES / "tiny-model"


def test_tables_of_others_are_left_alone(monkeypatch, tmp_path: Path) -> None:
    table = tmp_path / "mine.csv"
    table.write_text("name;caption\na.png;mine\n")
    ended = seesay(monkeypatch, "caption", BEE, "--csv", table)
    assert (ended.status, table.read_text()) == (2, "name;caption\na.png;mine\n")


def test_words_that_a_file_carries_stand_in_the_library(monkeypatch, tmp_path: Path) -> None:
    path, image = tmp_path / "lib.sqlite", tmp_path / "bee.png"
    image.write_bytes(write_metadata(BEE.read_bytes(), ImageWords("Maya.", keywords=("insect",))))
    seesay(monkeypatch, "caption", image, "--library", path)
    database = StdlibDatabase(path)
    try:
        library = Library(database, lambda: "")
        (row,) = run_now(library.listing.rows(Query(text="maya insect"), limit=9))
    finally:
        database.close()
    assert (row.state, row.text, row.machine_text) == ("file", "Maya.", "a bee on a street")


def test_library_of_the_site(monkeypatch, scenes: Path, tmp_path: Path) -> None:
    path = tmp_path / "lib.sqlite"
    assert len(seesay(monkeypatch, "caption", scenes, "--library", path).lines) == 3
    assert seesay(monkeypatch, "caption", scenes, "--library", path).lines == []
    beams = seesay(monkeypatch, "caption", scenes, "--library", path, "--num-beams", 2)
    assert len(beams.lines) == 3  # other options, another caption
    missing = seesay(
        monkeypatch, "caption", scenes, "--library", path, "--missing-only", "--top-k=3"
    )
    assert missing.lines == []
    database = StdlibDatabase(path)
    try:
        library = Library(database, lambda: "")
        (bee,) = run_now(library.listing.rows(Query(text="bee"), limit=9))
        assert (bee.name, bee.text, bee.state) == (BEE.name, "a bee on a street", "automatic")
        assert bee.folder.endswith("scenes/deep")
        assert bee.keywords == ("bee", "street")
        assert len(run_now(library.images.captions(bee.id))) == 2
        (thumbnail,) = run_now(library.images.thumbnails([bee.id])).values()
        assert Image.open(io.BytesIO(thumbnail.data)).size == (128, 128)
    finally:
        database.close()


def test_what_one_sink_has_goes_into_the_other_alone(monkeypatch, scenes: Path, tmp_path) -> None:
    table, library = tmp_path / "out.csv", tmp_path / "lib.sqlite"
    assert seesay(monkeypatch, "caption", scenes, "--csv", table).status == 0
    whole = table.read_bytes()
    both = ("caption", scenes, "--csv", table, "--library", library)
    assert len(seesay(monkeypatch, *both).lines) == 3
    assert table.read_bytes() == whole
    assert seesay(monkeypatch, *both).lines == []  # the library has them all, too


def test_other_databases_are_refused(monkeypatch, tmp_path: Path) -> None:
    path = tmp_path / "notes.sqlite"
    path.write_bytes(b"not a database at all, but long enough to be read as one" * 40)
    ended = seesay(monkeypatch, "caption", BEE, "--library", path)
    assert ended.status == 3
    assert len(ended.err.splitlines()) == 1


@pytest.mark.parametrize("ending", [".xmp", ".png.xmp"])
def test_what_a_person_wrote_into_a_sidecar_counts(
    monkeypatch, scenes: Path, tmp_path: Path, ending: str
) -> None:
    """Adobe's programs leave ``photo.xmp`` beside a photograph, darktable ``photo.jpg.xmp``."""
    bee, library = scenes / "deep" / BEE.name, tmp_path / "library.sqlite"
    hers = ImageWords(description="Maja, in front of our house", keywords=("Maja", "Street"))
    sidecar = bee.with_name(bee.stem + ending)
    sidecar.write_bytes(kept := xmp_sidecar(hers))
    assert seesay(monkeypatch, "caption", bee, "--missing-only").lines == []
    assert seesay(monkeypatch, "caption", bee, "--write-metadata").status == 0
    words = read_metadata(bee.read_bytes())
    assert (words.alt_text, words.description) == ("a bee on a street", "")
    assert words.keywords == ("bee",)  # hers are not said twice
    assert sidecar.read_bytes() == kept
    gif, written = bee.with_name("maja.gif"), bee.read_bytes()
    Image.open(BEE).convert("RGB").save(gif)
    whole = xmp_sidecar(replace(hers, alt_text="Maja", keywords=("bee", "street")))
    gif.with_suffix(".xmp").write_bytes(whole)
    assert seesay(monkeypatch, "caption", gif, bee, "--write-metadata").status == 0
    assert not gif.with_name("maja.gif.xmp").exists()  # there is nothing to add
    assert bee.read_bytes() == written
    assert seesay(monkeypatch, "caption", bee, "--library", library).status == 0
    with closing(StdlibDatabase(library)) as database:
        (row,) = run_now(Library(database, lambda: "").listing.rows(Query()))
    assert (row.state, row.text) == ("file", "Maja, in front of our house")
    assert row.keywords is not None
    assert {"Maja", "Street"} <= {*row.keywords}
    sidecar.write_bytes(b"<damaged")
    assert seesay(monkeypatch, "caption", bee, "--missing-only").lines == []  # alt text in the file


@pytest.mark.parametrize("guesses", [False, True])
def test_keywords_that_are_guesses_are_not_written_unasked(guesses: bool) -> None:
    with Captioner() as captioner:
        result = captioner.caption(BEE)
    found = (Keyword("honey bee", 0.69), Keyword("bee", 0.8), Keyword("animal", 0.99))
    written = MetadataWriter(guesses=guesses).with_words(
        InputImage(BEE.name, BEE), BEE.read_bytes(), replace(result, keywords=found)
    )
    words = ("honey bee", "bee", "animal")
    assert read_metadata(written).keywords == (words if guesses else words[1:])


def test_words_go_into_the_files(monkeypatch, scenes: Path, tmp_path: Path) -> None:
    bee = scenes / "deep" / BEE.name
    gif = scenes / "deep" / "bee.gif"
    Image.open(BEE).convert("RGB").save(gif)
    bee.chmod(0o640)
    table = tmp_path / "out.csv"
    ended = seesay(monkeypatch, "caption", bee, gif, "--write-metadata", "--csv", table)
    assert ended.status == 0
    words = read_metadata(bee.read_bytes())
    assert words.alt_text == words.description == "a bee on a street"
    assert words.keywords == ("bee", "street")
    assert words.caption_writer == "Seesay, starter; not reviewed"
    assert bee.stat().st_mode & 0o777 == 0o640
    assert np.array_equal(np.asarray(Image.open(bee)), np.asarray(Image.open(BEE)))
    sidecar = read_sidecar((gif.parent / "bee.gif.xmp").read_bytes())
    assert sidecar.alt_text == "a bee on a street"
    # The table knows the files as they are now.
    assert seesay(monkeypatch, "caption", bee, gif, "--csv", table).lines == []
    missing = seesay(monkeypatch, "caption", scenes, "--write-metadata", "--missing-only")
    assert len(missing.lines) == 2
    assert seesay(monkeypatch, "caption", scenes, "--missing-only").lines == []
    assert not [*scenes.rglob(".seesay-*")]


def test_guesses_are_not_written_unasked(monkeypatch, tmp_path: Path) -> None:
    plain = tmp_path / "plain.png"
    Image.new("RGB", (640, 480), (120, 130, 140)).save(plain)
    before = plain.read_bytes()
    ended = seesay(monkeypatch, "caption", plain, "--write-metadata")
    assert (ended.status, plain.read_bytes()) == (0, before)
    assert "--write-guesses" in ended.err
    assert seesay(monkeypatch, "caption", plain, "--write-metadata", "--write-guesses").err == ""
    assert read_metadata(plain.read_bytes()).alt_text


def test_that_the_model_cannot_tell_is_never_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result: Any = SimpleNamespace(caption="I cannot tell", confidence=0.0, flagged=True)
    image = InputImage("bee.jpg", tmp_path / "bee.jpg")
    data = BEE.read_bytes()
    assert MetadataWriter(guesses=True).with_words(image, data, result) == data
    assert "bee.jpg: the model cannot tell" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_fails_alone(monkeypatch, scenes: Path) -> None:
    gif = scenes / "bee.gif"
    Image.open(BEE).convert("RGB").save(gif)
    (scenes / "bee.gif.xmp").mkdir()

    def refuse_one_folder(*, dir: Path, **options: Any) -> Any:  # noqa: A002 - the real one's name
        if dir == (scenes / "deep").resolve():
            raise PermissionError(13, "Permission denied")
        return NamedTemporaryFile(dir=dir, **options)

    monkeypatch.setattr("seesay.cli.metadata_writer.NamedTemporaryFile", refuse_one_folder)
    ended = seesay(monkeypatch, "caption", scenes, "--write-metadata")
    assert (ended.status, len(ended.lines)) == (1, 2)
    bee = scenes / "deep" / BEE.name
    assert sorted(ended.err.splitlines()) == [
        f"seesay: {gif}: {gif}.xmp could not be read: Is a directory.",
        f"seesay: {bee}: {bee} could not be written: Permission denied.",
    ]
    assert bee.read_bytes() == BEE.read_bytes()


def test_the_library_knows_an_image_after_words_were_written_into_its_file(
    monkeypatch, tmp_path: Path
) -> None:
    bee, path = tmp_path / BEE.name, tmp_path / "lib.sqlite"
    bee.write_bytes(BEE.read_bytes())
    seesay(monkeypatch, "caption", bee, "--library", path)
    seesay(monkeypatch, "caption", bee, "--library", path, "--write-metadata", "--num-beams", 2)
    assert bee.read_bytes() != BEE.read_bytes()
    database = StdlibDatabase(path, read_only=True)
    with closing(database):
        library = Library(database, lambda: "")
        (row,) = run_now(library.listing.rows(Query(), limit=9))
        assert row.sha256 == hashlib.sha256(bee.read_bytes()).hexdigest()
        assert len(run_now(library.images.captions(row.id))) == 2


def _known(path: Path) -> list[tuple[str, int, Any]]:
    """Return hash, size and earlier hashes of each image of a library."""
    with closing(StdlibDatabase(path, read_only=True)) as database:
        listing = Library(database, lambda: "").listing
        rows = run_now(listing.rows(Query(), limit=9))
        said = run_now(listing.words_to_export([row.id for row in rows]))
        return [
            (row.sha256, row.size_bytes, one["earlier"])
            for row, one in zip(rows, said, strict=True)
        ]


def test_the_library_knows_new_bytes_before_the_file_has_them(monkeypatch, tmp_path: Path) -> None:
    bee, path = tmp_path / BEE.name, tmp_path / "lib.sqlite"
    bee.write_bytes(BEE.read_bytes())
    both = ("caption", bee, "--library", path, "--write-metadata", "--num-beams", 2)
    seesay(monkeypatch, "caption", bee, "--library", path)
    (before,) = _known(path)

    class Killed(BaseException):
        pass

    def killed_before(_path: Path, _data: bytes) -> None:
        raise Killed

    def killed_after(path: Path, data: bytes) -> None:
        path.write_bytes(data)
        raise Killed

    def unwritable(_path: Path, _data: bytes) -> None:
        raise StorageError("It cannot be written.")

    replaced = "seesay.cli.metadata_writer.replace_file"
    with monkeypatch.context() as patch:
        patch.setattr(replaced, unwritable)
        assert seesay(monkeypatch, *both).status == 1
        assert _known(path) == [before]  # it is taken back: the file is as it was
        for killed in (killed_before, killed_after):
            patch.setattr(replaced, killed)
            with pytest.raises(Killed):
                seesay(monkeypatch, *both)
    assert seesay(monkeypatch, *both).status == 0
    data = bee.read_bytes()
    assert _known(path) == [(hashlib.sha256(data).hexdigest(), len(data), [before[0]])]


def test_a_file_is_left_alone_where_the_library_cannot_be_written(
    monkeypatch, tmp_path: Path
) -> None:
    bee, path = tmp_path / BEE.name, tmp_path / "lib.sqlite"
    bee.write_bytes(BEE.read_bytes())

    def locked(*_told: object) -> bool:
        raise StorageError("The library is locked.")

    monkeypatch.setattr("seesay.cli.caption_command.LibrarySink.follow", locked)
    ended = seesay(monkeypatch, "caption", bee, "--library", path, "--write-metadata")
    assert ended.status == 3
    assert bee.read_bytes() == BEE.read_bytes()


def test_a_file_that_changed_meanwhile_is_left_alone(monkeypatch, scenes: Path) -> None:
    bee = scenes / "deep" / BEE.name
    edited = BEE.read_bytes() + b"edited"

    def while_somebody_edits(data: bytes, words: ImageWords) -> bytes:
        bee.write_bytes(edited)
        return write_metadata(data, words)

    monkeypatch.setattr("seesay.cli.metadata_writer.write_metadata", while_somebody_edits)
    ended = seesay(monkeypatch, "caption", bee, "--write-metadata")
    assert (ended.status, bee.read_bytes()) == (1, edited)
    (line,) = ended.err.splitlines()
    assert "changed since it was read" in line


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ((), 2),
        (("caption",), 2),
        (("caption", BEE, "--num-beams", "none"), 2),
        (("caption", BEE, "--num-beams", "0"), 2),
        (("caption", BEE, "--model", "nobody"), 2),
        (("caption", BEE, "--tasks", "poem"), 2),
        (("caption", BEE, "--tasks", "detailed"), 2),  # which the starter cannot write
        (("caption", BEE, "--csv", "/nowhere/out.csv"), 3),
        (("caption", BEE, "--csv", "/dev/null"), 3),
        (("caption", BEE, "--model", ROOT / "docs"), 3),
    ],
)
def test_exit_statuses(monkeypatch, arguments, status: int) -> None:
    ended = seesay(monkeypatch, *arguments)
    assert (ended.status, ended.out) == (status, "")
    assert "Traceback" not in ended.err
    assert ended.err.splitlines()[-1].startswith("seesay")


def test_no_device_is_read_for_the_rows_of_an_earlier_run(monkeypatch) -> None:
    monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail(f"{path} may have no end"))
    with pytest.raises(StorageError, match="no file"):
        CsvSink(Path(os.devnull), ModelInfo("starter", "r1"))


def test_mistakes_of_our_own_are_one_line(monkeypatch) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise ValueError("a\nmistake")

    monkeypatch.setattr(Captioner, "caption_all", fail)
    ended = seesay(monkeypatch, "caption", BEE)
    assert ended.status == 70
    assert len(ended.err.splitlines()) == 1
    assert "ValueError: a mistake" in ended.err


def start(*arguments: object, **options) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "seesay", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **options,
    )


def test_a_kill_loses_nothing_that_was_told_of(monkeypatch, tmp_path: Path) -> None:
    table, library = tmp_path / "out.csv", tmp_path / "lib.sqlite"
    arguments = ("caption", SCENES, "--csv", table, "--library", library)
    with start(*arguments) as process:
        assert process.stdout is not None
        told = [process.stdout.readline().decode().split("\t")[0] for _ in range(3)]
        process.kill()
        told += [line.decode().split("\t")[0] for line in process.stdout]
    ended = seesay(monkeypatch, *arguments)
    assert ended.status == 0
    rest = [line.split("\t")[0] for line in ended.lines]
    assert not set(told) & set(rest)
    assert sorted(row["name"] for row in rows(table)) == sorted(str(p) for p in SCENES.glob("*"))


def test_a_reader_that_leaves_is_no_failure() -> None:
    with start("caption", SCENES) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_output_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    def run(command: str) -> tuple[int, str]:
        done = subprocess.run(
            ["sh", "-c", command, "sh", sys.executable, BEE],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stderr

    status, told = run('"$1" -m seesay caption "$2" > /dev/full')
    assert status == 3
    assert told == "seesay: The output could not be written: No space left on device.\n"
    assert run('"$1" -m seesay caption "$2" - <&- >&-') == (
        1,
        "seesay: -: There is nothing on standard input.\n",
    )
    assert run('"$1" -m seesay caption nothing.png 2>&-') == (1, "")


def test_a_folder_that_cannot_be_read_is_told(monkeypatch, scenes: Path) -> None:
    locked = scenes / "deep"
    os.mkfifo(scenes / "pipe.png")  # nobody writes into it
    (scenes / "lost.png").symlink_to(scenes / "nothing.png")
    listed = os.scandir

    def scandir(place):  # as for others than root
        if str(place) == str(locked):
            raise PermissionError(13, "Permission denied", str(place))
        return listed(place)

    monkeypatch.setattr(os, "scandir", scandir)
    ended = seesay(monkeypatch, "caption", scenes)
    assert ended.status == 1
    assert len(ended.lines) == 2
    assert sorted(ended.err.splitlines()) == [
        f"seesay: {locked}: That folder could not be read: Permission denied.",
        f"seesay: {scenes / 'lost.png'}: There is no such file.",
    ]


def test_a_file_that_may_not_be_looked_at_is_told(monkeypatch, scenes: Path) -> None:
    locked = scenes / "deep" / BEE.name

    def locking(call):  # as for others than root, in a folder that may only be listed
        def locked_call(place, *given, **options):
            if str(place) == str(locked):
                raise PermissionError(13, "Permission denied", str(place))
            return call(place, *given, **options)

        return locked_call

    monkeypatch.setattr(os, "stat", locking(os.stat))
    monkeypatch.setattr(Path, "open", locking(Path.open))
    ended = seesay(monkeypatch, "caption", scenes)
    assert (ended.status, len(ended.lines)) == (1, 2)
    assert ended.err.startswith(f"seesay: {locked}: ")


def test_missing_packages_are_named() -> None:
    code = (
        "import sys; sys.modules['onnxruntime'] = None\n"
        "from seesay.cli.main import main; sys.exit(main(['caption', 'x.png']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert done.stderr == (
        "seesay: the package onnxruntime is missing. Install Seesay as seesay[cli].\n"
    )
