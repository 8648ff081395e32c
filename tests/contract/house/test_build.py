"""build.py's own promises: complete or absent, hashes checked, one sentence for each failure."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tarfile
import threading
import zipfile
from pathlib import Path
from typing import Any

import pytest

from pycore.models.catalogue import HUB_ENTRIES, ModelEntry, ModelFile
from pycore.models.layouts import DECODER_PATH
from pycore.onnx_graph import graph_cache, split_cache
from pycore.onnx_graph.graph_cache import code_hash
from pycore.onnx_graph.wire import BytesSource
from tools import (
    bytecode,
    checks,
    environment,
    files,
    hosted_model,
    licences,
    npm,
    pyodide_wheels,
    starter_graphs,
)
from tools.project import ROOT, BuildError, NpmPackage


def test_parts_that_run_at_once_are_told_as_each_ends(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    was_told = threading.Event()

    def run(command: list[str], **_options: Any) -> subprocess.CompletedProcess[str]:
        part = command[3]
        if part == "long":
            assert was_told.wait(20), "the short part's end was not told"
        return subprocess.CompletedProcess(command, 0, f"== {part}\n== summary\n{part} passed\n")

    monkeypatch.setattr("tools.checks.subprocess.run", run)
    ends = checks._beside_each_other(["long", "short"], [])
    assert next(ends)[:2] == ("short", True)
    assert capsys.readouterr().out == "== short\n"
    was_told.set()
    assert next(ends)[:2] == ("long", True)
    assert capsys.readouterr().out == "== long\n"


def test_new_file_and_folder_leave_nothing_half_done(tmp_path: Path) -> None:
    target = tmp_path / "a" / "file"
    folder = tmp_path / "b"
    folder.mkdir()
    (folder / "old").touch()
    with pytest.raises(KeyboardInterrupt), files.new_file(target) as fresh:
        fresh.write_text("half")
        raise KeyboardInterrupt
    with pytest.raises(KeyboardInterrupt), files.new_folder(folder) as fresh:
        (fresh / "new").touch()
        raise KeyboardInterrupt
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a", "b", "old"]
    with files.new_folder(folder) as fresh:
        (fresh / "new").touch()
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a", "b", "new"]


def test_zips_depend_on_content_alone(tmp_path: Path) -> None:
    bytecode.write_zip(tmp_path / "1.zip", {"b": b"2", "a": b"1"})
    bytecode.write_zip(tmp_path / "2.zip", {"a": b"1", "b": b"2"})
    assert (tmp_path / "1.zip").read_bytes() == (tmp_path / "2.zip").read_bytes()
    assert bytecode.read_zip(tmp_path / "1.zip") == {"a": b"1", "b": b"2"}


def test_packs_hold_every_file_and_depend_on_content_alone(tmp_path: Path) -> None:
    bytecode.write_pack(tmp_path / "1.pack", {"b/c": b"2" * 600, "a": b""})
    bytecode.write_pack(tmp_path / "2.pack", {"a": b"", "b/c": b"2" * 600})
    assert (tmp_path / "1.pack").read_bytes() == (tmp_path / "2.pack").read_bytes()
    with tarfile.open(tmp_path / "1.pack", "r:gz") as archive:
        files = {member.name: archive.extractfile(member) for member in archive}
        found = {name: file.read() for name, file in files.items() if file}
    assert found == {"a": b"", "b/c": b"2" * 600}
    with pytest.raises(ValueError, match="too long"):
        bytecode.write_pack(tmp_path / "3.pack", {"x" * 101: b""})


def test_slimming_rules() -> None:
    names = ["numpy/__init__.py", "numpy/_core/tests/test_x.py", "numpy/f2py/a.py", "numpy/x.pyi"]
    assert bytecode.kept([*names, "numpy/folder/"], bytecode.DROPPED) == ["numpy/__init__.py"]
    stdlib = ["encodings/cp437.py", "encodings/cp1252.py", "unittest/case.py", "json/decoder.py"]
    stdlib += ["ctypes/__init__.py"]
    assert bytecode.kept(stdlib, bytecode.DROPPED_FROM_STDLIB) == [
        "encodings/cp437.py",
        "json/decoder.py",
    ]


def test_what_is_emptied_is_there() -> None:
    with zipfile.ZipFile(pyodide_wheels.ensure()["numpy"]) as wheel:
        assert set(bytecode.EMPTIED) <= set(wheel.namelist())


def test_starter_is_split_as_the_worker_would_split_it(tmp_path: Path) -> None:
    starter = shutil.copytree(ROOT / "models" / "starter", tmp_path / "starter")
    starter_graphs.add(starter)
    decoder = starter / DECODER_PATH
    origin = split_cache.origin_of(files.sha256(decoder), code_hash())
    kept = starter / "derived" / split_cache.file_name(low_memory=False, attentions=False)
    assert split_cache.from_bytes(kept.read_bytes(), origin) == split_cache.split_for_worker(
        BytesSource(decoder.read_bytes()), low_memory=False, attentions=False
    )


def test_other_code_that_splits_has_another_name(tmp_path: Path, monkeypatch) -> None:
    folder = shutil.copytree(Path(graph_cache.__file__).parent, tmp_path / "onnx_graph")
    name = code_hash()
    monkeypatch.setattr(graph_cache, "__file__", str(folder / "graph_cache.py"))
    (folder / "step" / "__pycache__").mkdir(exist_ok=True)
    (folder / "step" / "__pycache__" / "new.cpython-311.pyc").write_bytes(b"made of the sources")
    assert code_hash() == name
    (folder / "step" / "new.py").touch()
    assert code_hash() != name


def test_npm_package_with_another_hash_is_refused(tmp_path: Path, monkeypatch) -> None:
    archive = b"not the package"

    def fake_npm(command, **_options):
        if not any(part.startswith("--cache=") for part in command):
            return subprocess.CompletedProcess(command, 1, "", "npm error code EACCES")
        (option,) = (part for part in command if part.startswith("--pack-destination="))
        destination = Path(option.partition("=")[2])
        (destination / "x.tgz").write_bytes(archive)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setenv("SEESAY_CACHE", str(tmp_path))
    monkeypatch.setattr(
        npm, "npm_packages", lambda _: [NpmPackage("x", "1.2.3", "sha512-other", "x")]
    )
    monkeypatch.setattr(subprocess, "run", fake_npm)
    with pytest.raises(BuildError, match=r"x 1\.2\.3 is not the pinned one"):
        npm.ensure("site")
    assert not npm.package("x").exists()


def test_a_download_that_broke_off_is_tried_again(monkeypatch) -> None:
    said = ["Read timed out.", "IncompleteRead(1 bytes read)", ""]

    def fake_pip(command, **_options):
        stderr = said.pop(0)
        return subprocess.CompletedProcess(command, bool(stderr), "", stderr)

    monkeypatch.setattr(subprocess, "run", fake_pip)
    environment.pip("install", "x")
    assert not said
    said[:] = ["ERROR: No matching distribution found for x", ""]
    with pytest.raises(BuildError, match="No matching distribution"):
        environment.pip("install", "x")


def test_pyodide_wheel_with_another_hash_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "numpy.whl"
    with pytest.raises(BuildError, match="is not the file that Pyodide's lock names"):
        pyodide_wheels._keep(target, b"something else", "0" * 64)
    assert not target.exists()


def _entry(folder: Path, contents: dict[str, bytes]) -> ModelEntry:
    model_files = []
    for name, data in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
        model_files.append(ModelFile(name, len(data), files.sha256(folder / name)))
    return ModelEntry("big", "Big", "a/b", "f" * 40, "", "", "", tuple(model_files))


def test_hosted_model_is_verified_and_cut_into_parts(tmp_path: Path, monkeypatch) -> None:
    source, site = tmp_path / "source", tmp_path / "site"
    entry = _entry(source, {"config.json": b"{}", "onnx/big.onnx": bytes(range(250))})
    monkeypatch.setattr(hosted_model, "HUB_ENTRIES", {"big": entry})
    monkeypatch.setattr(hosted_model, "PART_BYTES", 100)
    place = hosted_model.add(site, "big", source, None)
    assert place == "models/big/manifest.json"
    manifest = json.loads((site / place).read_text())
    assert [len(file["parts"]) for file in manifest["files"]] == [1, 3]
    for file, wanted in zip(manifest["files"], entry.files, strict=True):
        parts = [(site / place).parent / part["url"] for part in file["parts"]]
        assert [path.stat().st_size for path in parts] == [p["size_bytes"] for p in file["parts"]]
        assert b"".join(map(Path.read_bytes, parts)) == (source / wanted.path).read_bytes()
        assert file["sha256"] == wanted.sha256

    (source / "onnx" / "big.onnx").write_bytes(bytes(250))
    with pytest.raises(BuildError, match="is not the right file"):
        hosted_model.add(site, "big", source, None)
    (source / "onnx" / "big.onnx").unlink()
    with pytest.raises(BuildError, match="is missing"):
        hosted_model.add(site, "big", source, None)
    with pytest.raises(BuildError, match="no model 'other'"):
        hosted_model.add(site, "other", source, None)


def test_parts_suit_static_hosts() -> None:
    assert hosted_model.PART_BYTES <= 90 * 10**6
    assert "vit-gpt2" in HUB_ENTRIES


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["test", "nonsense"], "There is no part 'nonsense'; the parts are "),
        (["serve", "--port", "99999", "--no-open"], "Port 99999 cannot be used"),
        (["site", "--model", "nonsense", "--out", "{out}"], "There is no model 'nonsense'"),
        (["site", "--hub", "nonsense", "--out", "{out}"], "The hub's address must begin with"),
    ],
)
def test_mistakes_get_one_sentence(tmp_path: Path, arguments: list[str], sentence: str) -> None:
    command = [argument.format(out=tmp_path / "out") for argument in arguments]
    done = subprocess.run(
        [sys.executable, ROOT / "build.py", *command], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"build.py: {sentence}")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_licences_can_be_opened_and_are_no_wider_than_a_phone(monkeypatch) -> None:
    text = "\n     A Licence\n\n" + " ".join(["words"] * 400) + "\n"
    part = licences.Part("Thing <1>", "MIT", "https://example.org/thing", text)
    monkeypatch.setattr(licences, "_parts", lambda _: [part])
    page = licences.page({})
    assert "<summary>Licence of Thing &lt;1&gt;</summary>\n<pre>     A Licence\n" in page
    sheet = re.findall('href="([^"]+[.]css)"', page)[-1]
    assert "white-space: pre-wrap" in (ROOT / "web" / sheet).read_text(encoding="utf-8")
