"""The model store on a device: what it keeps, what is missing or damaged, other tabs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pycore.download.origins import PIECE_BYTES
from pycore.errors import AssetError, NetworkError, SeesayError, StorageError
from tests.unit.helpers import run_sync
from tests.unit.models.model_fakes import (
    FakeDevice,
    FakePieces,
    answer,
    cut_at,
    normal,
    sha256,
    unreachable,
)
from tests.unit.models.model_world import BIG, CONTENT, World
from worker.models.stored_model import ModelStatus


def test_downloads_verifies_and_keeps_everything() -> None:
    world = World()
    assert world.status() == ModelStatus("absent", world.entry.size_bytes, 0, False, False)
    with pytest.raises(AssetError, match=r"0\.0 MB of 8\.5 MB are here"):
        run_sync(world.store.open(world.entry))
    assert world.download().state == "ready"
    world.assert_ready()
    assert world.fetcher.sent == world.entry.size_bytes
    last = world.progress[-1]
    assert (last.loaded, last.total) == (world.entry.size_bytes, world.entry.size_bytes)
    loaded = [progress.loaded for progress in world.progress]
    assert loaded == sorted(loaded)
    assert run_sync(run_sync(world.store.open(world.entry)).read_json("config.json")) == {
        "model_type": "vision-encoder-decoder"
    }


def test_a_new_revision_takes_the_place_of_the_old_one_once_it_is_whole() -> None:
    world = World()
    old = world.entry
    world.download()
    world.entry = replace(old, revision="b" * 40)
    world.fetcher.files |= {
        url.replace("a" * 40, "b" * 40): data for url, data in world.fetcher.files.items()
    }
    world.fetcher.moods = [normal, normal, unreachable, answer(404)]
    with pytest.raises(NetworkError):
        world.download()
    assert run_sync(world.store.status(old)).state == "ready"
    assert world.download().state == "ready"
    assert run_sync(world.device.stores()) == ["seesay-model-test@" + "b" * 40]


def test_a_second_download_asks_the_network_for_nothing() -> None:
    world = World()
    world.download()
    requests = len(world.fetcher.requests)
    world.reopen()
    assert world.download().state == "ready"
    assert len(world.fetcher.requests) == requests
    assert world.progress[-1].source == "device"


def test_damage_on_the_device_is_noticed_and_repaired() -> None:
    world = World()
    world.big_moods(cut_at(2 * PIECE_BYTES, MemoryError()))
    with pytest.raises(MemoryError):
        world.download()
    (pieces,) = world.device.kept.values()
    name = next(
        name for name in pieces.entries if name.endswith("/0") and sha256(CONTENT[BIG]) in name
    )
    pieces.entries[name] = bytes(PIECE_BYTES)
    world.reopen()
    assert world.download().state == "ready"
    world.assert_ready()
    totals = [progress.loaded for progress in world.progress]
    assert max(totals) == world.entry.size_bytes


def test_eviction_is_noticed_and_only_the_gap_is_fetched() -> None:
    world = World()
    world.download()
    (pieces,) = world.device.kept.values()
    del pieces.entries[f"{sha256(CONTENT[BIG])}/1"]
    model = run_sync(world.store.open(replace(world.entry, files=world.entry.files[:2])))
    assert model.entry.files == world.entry.files[:2]
    assert world.status().state == "partial"
    with pytest.raises(AssetError, match="is not on this device"):
        run_sync(world.store.open(world.entry))
    sent = world.fetcher.sent
    assert world.download().state == "ready"
    assert world.big_offsets() == [0, PIECE_BYTES]
    assert world.fetcher.sent - sent <= PIECE_BYTES + (1 << 18)
    world.assert_ready()


def test_eviction_while_reading_is_an_error_not_garbage() -> None:
    world = World()
    world.download()
    model = run_sync(world.store.open(world.entry))
    (pieces,) = world.device.kept.values()
    pieces.entries[f"{sha256(CONTENT[BIG])}/1"] = b"short"
    with pytest.raises(AssetError, match="removed part of onnx/decoder"):
        run_sync(model.read_bytes(BIG))
    pieces.entries.clear()
    with pytest.raises(AssetError, match="removed part of config"):
        run_sync(model.read_json("config.json"))


def test_a_device_with_room_neither_in_storage_nor_in_memory_says_so() -> None:
    class FullMemory(FakePieces):
        async def write(self, name: str, data: bytes | memoryview) -> None:
            raise MemoryError("RangeError: Array buffer allocation failed")

    device = FakeDevice(quota=1000)
    device.open_memory = FullMemory  # type: ignore[method-assign]
    world = World(device=device)
    with pytest.raises(StorageError, match="no room left for the model, neither in its storage"):
        world.download()
    assert world.tabs.held == []


def test_quota_runs_from_memory_and_says_so() -> None:
    world = World(device=FakeDevice(quota=PIECE_BYTES + 200_000))
    status = world.download()
    assert (status.state, status.in_memory) == ("ready", True)
    assert world.progress[-1].in_memory
    kept = world.store.keeps_in_memory
    assert kept, "or else the worker would be replaced when it has grown"
    world.assert_ready()
    world.reopen()
    assert not world.store.keeps_in_memory
    assert world.status().state == "partial"
    assert world.download().state == "ready"
    # What did fit is not fetched twice.
    assert world.big_offsets() == [0, PIECE_BYTES]


def test_a_browser_that_keeps_nothing() -> None:
    device = FakeDevice()
    device.refuses = True
    world = World(device=device)
    assert world.status().in_memory  # said before anything is fetched
    assert not world.store.keeps_in_memory
    assert not run_sync(world.store.keeps())
    assert run_sync(World().store.keeps())
    status = world.download()
    assert (status.state, status.in_memory) == ("ready", True)
    world.assert_ready()


def test_another_tab_downloads_and_this_one_watches() -> None:
    first = World()
    first.download()
    second = World(device=first.device)
    second.tabs.news = first.tabs.announced
    assert second.download().state == "ready"
    assert second.fetcher.requests == []
    relayed = [progress for progress in second.progress if progress.phase == "other_tab"]
    assert len(relayed) == len(first.tabs.announced) > 0
    assert relayed[-1].loaded == first.entry.size_bytes


def test_derived_files_live_and_die_with_the_model() -> None:
    world = World()
    world.download()
    model = run_sync(world.store.open(world.entry))
    assert run_sync(model.read_derived("step.onnx")) is None
    run_sync(model.write_derived("step.onnx", b"graph"))
    assert run_sync(model.read_derived("step.onnx")) == b"graph"
    assert run_sync(world.device.stores()) == ["seesay-model-test@" + "a" * 40]
    assert (run_sync(world.store.storage()).used_bytes or 0) > world.entry.size_bytes
    assert run_sync(world.store.remove(world.entry)).state == "absent"
    with pytest.raises(SeesayError):
        run_sync(world.store.open(world.entry))
