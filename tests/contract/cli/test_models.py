"""``seesay model``: downloads that break off, damage, imports; against a hub like the real one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from pycore.download.retrying_stream import Network, RetryPolicy
from pycore.errors import AssetError, NetworkError
from pycore.models.layouts import DECODER_PATH, ENCODER_PATH, RUNTIME_PATHS
from seesay import Captioner, Progress
from seesay.models import store as store_module
from seesay.models.network import BlockingClock, UrllibFetcher
from seesay.models.places import writing
from tests.browser.hub import LocalHub
from tests.browser.hub_moods import Cut, Hold, NoRanges, Other, Page, Short, Stall, Status
from tests.contract.cli.command import BEE, FIXTURES, seesay
from tools.project import ROOT

COMMIT = "c" * 40
NAME = f"owner/tiny@{COMMIT}"
FILES = {path: (FIXTURES / "tiny-model" / path).read_bytes() for path in RUNTIME_PATHS}
# As on the hub, where large files lie on another host. The decoder here is long enough for ranges.
PADDED = FILES | {DECODER_PATH: FILES[DECODER_PATH] + bytes(5_000_000)}
LARGE = 100_000


@pytest.fixture
def hub(monkeypatch, tmp_path):
    def quick_network() -> Network:
        policy = RetryPolicy(first_wait_s=0.001, longest_wait_s=0.001)
        return Network(UrllibFetcher(stall_s=5), BlockingClock(), policy)

    monkeypatch.setattr(store_module, "open_network", quick_network)
    monkeypatch.setenv("SEESAY_HOME", str(tmp_path / "home"))
    with LocalHub.start() as hub:
        hub.large_bytes = LARGE
        monkeypatch.setenv("SEESAY_HUB", hub.url)
        hub.add("owner/tiny", COMMIT, FILES)
        hub.add("owner/padded", COMMIT, PADDED)
        yield hub


def folder(tmp_path: Path, repository: str = "owner--tiny") -> Path:
    return tmp_path / "home" / "models" / repository / COMMIT


def test_download_lies_as_on_the_hub_and_captions(hub, monkeypatch, tmp_path) -> None:
    ended = seesay(monkeypatch, "model", "download", "--json", "owner/tiny@main")
    assert (ended.status, ended.err) == (0, "")
    status = json.loads(ended.out)
    assert (status["state"], status["revision"]) == ("ready", COMMIT)
    assert {
        path.relative_to(folder(tmp_path)).as_posix(): path.read_bytes()
        for path in folder(tmp_path).rglob("*")
        if path.is_file() and path.name != ".lock"
    } == FILES
    hub.reset()
    captions = set()
    for name in ("owner/tiny@main", NAME, str(FIXTURES / "tiny-model")):
        with Captioner(model=name) as captioner:
            captions.add(captioner.caption(BEE, num_beams=2).caption)
    assert len(captions) == 1
    listed = seesay(monkeypatch, "model", "list").lines
    assert [line.split("\t")[:2] for line in listed] == [
        ["starter", "builtin"],
        ["vit-gpt2", "absent"],
        ["florence-2", "absent"],
        [NAME, "ready"],
        ["owner/tiny@main", "ready"],
    ]
    assert not hub.resolved  # what is here needs no network


@pytest.mark.parametrize(
    "mood",
    [Cut(3_000_000), Short(3_000_000), Status(503), Status(429, {"Retry-After": "0"}), Status(403)],
)
def test_what_the_network_does_is_mended(hub, mood) -> None:
    hub.moods[DECODER_PATH] = [mood]
    with Captioner(model=f"owner/padded@{COMMIT}") as captioner:
        assert captioner.models.download(f"owner/padded@{COMMIT}").state == "ready"
    if hasattr(mood, "at"):
        assert hub.starts(DECODER_PATH)[1] == mood.at  # nothing is fetched twice


@pytest.mark.parametrize(
    ("moods", "sentence"),
    [
        ([Page(b"<!doctype html><title>Sign in</title>" * 9)], "A web page came instead"),
        ([Page(b"version https://git-lfs.github.com/spec/v1" * 9)], "A pointer came instead"),
        ([Other(bytes(6_000_000))] * 2, "damaged twice"),
        ([Status(404)], "does not have"),
    ],
)
def test_what_cannot_be_mended_is_one_line(hub, monkeypatch, moods, sentence: str) -> None:
    hub.moods[DECODER_PATH] = [*moods]
    ended = seesay(monkeypatch, "model", "download", f"owner/padded@{COMMIT}")
    assert ended.status == 3
    (line,) = ended.err.splitlines()
    assert sentence in line
    assert seesay(monkeypatch, "model", "download", f"owner/padded@{COMMIT}").status == 0


def test_a_hub_that_is_not_there(monkeypatch, hub) -> None:
    ended = seesay(monkeypatch, "model", "download", NAME, "--hub", "http://localhost:1")
    assert ended.status == 3
    assert "cannot be reached" in ended.err
    assert seesay(monkeypatch, "model", "download", NAME, "--hub", "file:///etc").status == 2


def test_a_killed_download_goes_on(hub, tmp_path) -> None:
    name = f"owner/padded@{COMMIT}"
    hold = Hold(4_200_000)
    hub.moods[DECODER_PATH] = [hold]
    part = folder(tmp_path, "owner--padded") / f"{DECODER_PATH}.part"
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED_BY_ITSELF, name],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.wait(60) != 0
    kept = part.stat().st_size
    assert 4_000_000 < kept <= 4_200_000
    with Captioner() as captioner:
        with pytest.raises(AssetError, match=r"4\.\d MB of .* are here"):
            captioner.load(name)
        assert captioner.models.status(name).state == "partial"
        assert captioner.models.download(name).state == "ready"
    assert hub.starts(DECODER_PATH) == [0, kept]
    assert not part.exists()


KILLED_BY_ITSELF = """
import os, signal, sys
from seesay import Captioner, Progress

def watch(progress):
    if "decoder" in progress.file and progress.loaded > 4_150_000:
        os.kill(os.getpid(), signal.SIGKILL)

Captioner().models.download(sys.argv[1], on_progress=watch)
"""


def test_progress_adds_up(hub) -> None:
    seen: list[Progress] = []
    with Captioner() as captioner:
        captioner.models.download(NAME, on_progress=seen.append)
        assert seen[-1].loaded == seen[-1].total == sum(map(len, FILES.values()))
        assert [one.loaded for one in seen] == sorted(one.loaded for one in seen)
        assert {one.phase for one in seen} == {"downloading"}
        captioner.models.download(NAME, on_progress=seen.append)
        assert seen[-1].phase == "checking"


def test_servers_without_ranges(hub) -> None:
    hub.moods[DECODER_PATH] = [Cut(4_500_000), NoRanges()]
    with Captioner() as captioner:
        assert captioner.models.download(f"owner/padded@{COMMIT}").state == "ready"


def test_a_silent_host_is_left(hub, monkeypatch) -> None:
    def impatient() -> Network:
        policy = RetryPolicy(first_wait_s=0.001, longest_wait_s=0.001)
        return Network(UrllibFetcher(stall_s=0.2), BlockingClock(), policy)

    monkeypatch.setattr(store_module, "open_network", impatient)
    hub.moods[ENCODER_PATH] = [Stall(1000)] * 9
    with Captioner() as captioner, pytest.raises(NetworkError, match="stopped sending"):
        captioner.models.download(NAME)


def test_damage_is_found_and_mended(hub, monkeypatch, tmp_path) -> None:
    assert seesay(monkeypatch, "model", "download", NAME).status == 0
    assert seesay(monkeypatch, "model", "verify", NAME).status == 0
    path = folder(tmp_path) / ENCODER_PATH
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    ended = seesay(monkeypatch, "model", "verify", NAME)
    assert (ended.status, len(ended.err.splitlines())) == (3, 1)
    assert f"Damaged and thrown away: {ENCODER_PATH}" in ended.err
    hub.reset()
    assert seesay(monkeypatch, "model", "download", NAME).status == 0
    assert {served.path for served in hub.served} == {ENCODER_PATH}


def test_import_from_folder_and_zip(hub, monkeypatch, tmp_path) -> None:
    source = FIXTURES / "tiny-model"
    archive = shutil.make_archive(str(tmp_path / "tiny"), "zip", source)
    for files in ([source], [archive]):
        ended = seesay(monkeypatch, "model", "import", NAME, *files)
        assert (ended.status, ended.out.split("\t")[1]) == (0, "ready")
        assert seesay(monkeypatch, "model", "remove", NAME).status == 0
        assert not folder(tmp_path).exists()
    assert not hub.served
    missing = seesay(monkeypatch, "model", "import", "vit-gpt2", source)
    assert missing.status == 3
    assert "Not the right file for ViT-GPT2" in missing.err


def test_an_import_that_fails_leaves_no_half_file(hub, monkeypatch, tmp_path) -> None:
    archive = Path(shutil.make_archive(str(tmp_path / "tiny"), "zip", FIXTURES / "tiny-model"))
    data = bytearray(archive.read_bytes())
    data[len(data) // 2] ^= 1
    assert seesay(monkeypatch, "model", "import", NAME, archive).status == 0
    for path in [*folder(tmp_path).rglob("*.*")]:
        path.unlink()
    archive.write_bytes(data)
    assert seesay(monkeypatch, "model", "import", NAME, archive).status == 3
    assert folder(tmp_path).exists()
    assert not [*folder(tmp_path).rglob("*.new")]


def test_no_file_of_a_model_that_is_removed_is_open(hub, monkeypatch, tmp_path) -> None:
    assert seesay(monkeypatch, "model", "download", NAME).status == 0
    opened: list[Path] = []
    real = Path.open

    def watched(path: Path, *given, **options):
        opened.append(path)
        return real(path, *given, **options)

    monkeypatch.setattr(Path, "open", watched)
    assert seesay(monkeypatch, "model", "remove", NAME).status == 0
    assert not folder(tmp_path).exists()
    assert not [path for path in opened if path.is_relative_to(folder(tmp_path))]


@pytest.mark.parametrize("damaged", [b'{"owner/tiny@ma', b"[]"])
def test_pins_that_cannot_be_read_are_not_written_over(
    hub, monkeypatch, tmp_path, damaged: bytes
) -> None:
    assert seesay(monkeypatch, "model", "download", NAME).status == 0
    pins = tmp_path / "home" / "pins.json"
    whole = pins.read_bytes()
    pins.write_bytes(damaged)
    ended = seesay(monkeypatch, "model", "download", f"owner/padded@{COMMIT}")
    assert ended.status == 3
    (line,) = ended.err.splitlines()
    assert f"{pins}, which remembers" in line
    assert pins.read_bytes() == damaged
    pins.write_bytes(whole)
    assert seesay(monkeypatch, "model", "verify", NAME).status == 0


def test_pins_that_come_at_once_are_all_kept(hub, monkeypatch, tmp_path) -> None:
    @contextmanager
    def after_another_process(place: Path):
        with writing(place):
            others = place / "pins.json"
            others.write_text(json.dumps({"owner/other@main": {"revision": COMMIT, "files": []}}))
            yield

    with monkeypatch.context() as patch:
        patch.setattr("seesay.models.pins.writing", after_another_process)
        assert seesay(monkeypatch, "model", "download", NAME).status == 0
    pins = json.loads((tmp_path / "home" / "pins.json").read_text("utf-8"))
    assert set(pins) == {"owner/other@main", NAME}


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("model",), 2),
        (("model", "download", "nobody"), 2),
        (("model", "download", "owner/../tiny@main"), 2),
        (("model", "download", "owner/none@main"), 3),
        (("model", "verify", "owner/none@main"), 3),
        (("model", "remove", "starter"), 2),
        (("model", "import", NAME, "/nowhere.zip"), 3),
        (("caption", BEE, "--model", "vit-gpt2"), 3),
        (("model", "download", "starter"), 0),
    ],
)
def test_exit_statuses(hub, monkeypatch, arguments, status: int) -> None:
    ended = seesay(monkeypatch, *arguments)
    assert ended.status == status
    if status:
        assert ended.err.splitlines()[-1].startswith("seesay")
        assert "Traceback" not in ended.err
