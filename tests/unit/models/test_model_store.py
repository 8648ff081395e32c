"""The model store against a network and a disk that misbehave; nothing here really waits."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import Any

import pytest

from pycore.download import retrying_stream
from pycore.download.fetcher import ConnectionLostError, StalledError, StopSignal
from pycore.download.origins import PIECE_BYTES
from pycore.download.retrying_stream import Network
from pycore.download.transfer_meter import TransferProgress
from pycore.errors import AssetError, CancelledError, NetworkError, SeesayError, StorageError
from pycore.models.catalogue import ModelEntry, ModelFile
from tests.unit.helpers import run_sync
from tests.unit.models.model_fakes import (
    HUB,
    FakeClock,
    FakeDevice,
    FakeFetcher,
    FakePieces,
    FakeTabs,
    answer,
    cut_at,
    normal,
    sha256,
    some_bytes,
    unreachable,
)
from worker.models.store import ModelStore
from worker.models.stored_model import ModelStatus

BIG = "onnx/decoder_model_merged_quantized.onnx"
BIG_BYTES = 2 * PIECE_BYTES + 1234
CONTENT = {
    "config.json": json.dumps({"model_type": "vision-encoder-decoder"}).encode(),
    "tokenizer.json": some_bytes(100_000, seed=1),
    BIG: some_bytes(BIG_BYTES, seed=2),
}
FILES = tuple(ModelFile(path, len(data), sha256(data)) for path, data in CONTENT.items())


class World:
    """A hub, a device and a store between them."""

    def __init__(self, **options: Any) -> None:
        self.entry = ModelEntry(
            id="test",
            name="Test",
            repository="owner/test",
            revision="a" * 40,
            licence="",
            source_url="",
            description="",
            files=tuple(ModelFile(path, len(data), sha256(data)) for path, data in CONTENT.items()),
        )
        self.urls = {path: f"{HUB}/owner/test/resolve/{'a' * 40}/{path}" for path in CONTENT}
        self.fetcher = FakeFetcher({self.urls[path]: data for path, data in CONTENT.items()})
        self.clock = FakeClock()
        self.device = options.pop("device", FakeDevice())
        self.tabs = FakeTabs()
        self.options = options
        self.progress: list[TransferProgress] = []
        self.stop = StopSignal()
        self.store = self.reopen()

    def reopen(self) -> ModelStore:
        """A new tab after the old one died: nothing but the device survives."""
        self.stop = StopSignal()
        self.store = ModelStore(
            self.device,
            Network(self.fetcher, self.clock, random=lambda: 0.0),
            self.tabs,
            hub=HUB,
            **self.options,
        )
        return self.store

    def download(self) -> ModelStatus:
        return run_sync(self.store.download(self.entry, self.progress.append, self.stop))

    def status(self) -> ModelStatus:
        return run_sync(self.store.status(self.entry))

    def read(self, path: str) -> bytes:
        model = run_sync(self.store.open(self.entry))
        return bytes(run_sync(model.read_bytes(path)))

    def big_moods(self, *moods: Any) -> None:
        self.fetcher.moods_of[self.urls[BIG]] = list(moods)

    def big_offsets(self) -> list[int]:
        return [offset for url, offset in self.fetcher.requests if url == self.urls[BIG]]

    def assert_ready(self) -> None:
        assert self.status().state == "ready"
        assert all(self.read(path) == data for path, data in CONTENT.items())


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


def test_what_came_before_a_stall_is_told_to_the_last_byte() -> None:
    world = World()
    told: list[int] = []

    def stall() -> None:
        told.append(world.progress[-1].loaded)
        for alarm in list(world.clock.alarms):
            alarm()
        told.append(world.progress[-1].loaded)

    world.big_moods(cut_at(PIECE_BYTES - 12_345, stall))
    assert world.download().state == "ready"
    assert told[0] < told[1] == world.entry.size_bytes - BIG_BYTES + PIECE_BYTES - 12_345
    assert world.clock.alarms == [], "something would be told after the end"


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


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99])
def test_a_cut_costs_nothing_while_the_tab_lives(share: float) -> None:
    world = World()
    position = int(BIG_BYTES * share)
    world.big_moods(cut_at(position, ConnectionLostError("reset")))
    assert world.download().state == "ready"
    assert world.big_offsets() == [0, position]
    assert world.fetcher.sent == world.entry.size_bytes
    waiting = [progress for progress in world.progress if progress.phase == "waiting"]
    assert [(item.retry_in_s, world.clock.waits) for item in waiting] == [(0.5, [0.5])]
    assert "hub.test cannot be reached" in waiting[0].message


@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
def test_a_dead_tab_costs_at_most_one_piece(share: float) -> None:
    world = World()
    position = int(BIG_BYTES * share)
    world.big_moods(cut_at(position, MemoryError("the battery is empty")))
    with pytest.raises(MemoryError):
        world.download()
    world.reopen()
    assert world.status().state == "partial"
    assert world.download().state == "ready"
    whole_pieces = position // PIECE_BYTES * PIECE_BYTES
    assert world.big_offsets() == [0, whole_pieces]
    assert world.fetcher.sent - world.entry.size_bytes == position - whole_pieces <= PIECE_BYTES
    world.assert_ready()


@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
def test_pause_costs_nothing_and_goes_on_in_a_new_tab(share: float) -> None:
    world = World()
    position = int(BIG_BYTES * share)
    world.big_moods(cut_at(position, world.stop.pause))
    assert world.download().state == "partial"
    world.reopen()
    assert world.download().state == "ready"
    assert world.big_offsets() == [0, position]
    assert world.fetcher.sent == world.entry.size_bytes
    world.assert_ready()


def test_cancel_raises_and_keeps_what_has_come() -> None:
    world = World()
    world.big_moods(cut_at(PIECE_BYTES + 5, world.stop.cancel))
    with pytest.raises(CancelledError):
        world.download()
    assert world.tabs.held == []
    status = world.status()
    assert (status.state, status.stored_bytes) == (
        "partial",
        PIECE_BYTES + world.entry.size_bytes - BIG_BYTES,
    )
    assert run_sync(world.store.remove(world.entry)).stored_bytes == 0
    assert run_sync(world.device.stores()) == []


def test_a_short_body_is_resumed_where_it_ended() -> None:
    world = World()
    world.big_moods(cut_at(1000), cut_at(PIECE_BYTES + 7))
    assert world.download().state == "ready"
    assert world.big_offsets() == [0, 1000, PIECE_BYTES + 7]


def test_a_long_file_is_asked_for_in_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    stretch = PIECE_BYTES + 1000
    monkeypatch.setattr(retrying_stream, "REQUEST_BYTES", stretch)
    world = World()
    assert world.download().state == "ready"
    assert world.big_offsets() == [0, stretch]
    assert world.fetcher.sent == world.entry.size_bytes
    assert world.clock.waits == []
    world.assert_ready()


def test_a_cut_stretch_is_resumed_where_it_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    stretch = PIECE_BYTES + 1000
    monkeypatch.setattr(retrying_stream, "REQUEST_BYTES", stretch)
    world = World()
    world.big_moods(cut_at(500), cut_at(PIECE_BYTES + 9))
    assert world.download().state == "ready"
    assert world.big_offsets() == [0, 500, PIECE_BYTES + 9, PIECE_BYTES + 9 + stretch]
    world.assert_ready()


def test_a_server_that_ignores_ranges_is_asked_for_no_stretch_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retrying_stream, "REQUEST_BYTES", PIECE_BYTES)
    world = World()
    world.big_moods(lambda content, _: normal(content, 0))
    assert world.download().state == "ready"
    assert world.big_offsets() == [0]
    world.assert_ready()


def test_a_server_that_ignores_ranges_is_skipped_forward() -> None:
    world = World()
    world.big_moods(cut_at(PIECE_BYTES + 9), lambda content, _: normal(content, 0))
    assert world.download().state == "ready"
    world.assert_ready()


def test_a_206_that_begins_too_early_is_skipped_forward() -> None:
    world = World()
    early = PIECE_BYTES - 3

    def mood(content: bytes, _: int) -> Any:
        return normal(content, early)

    world.big_moods(cut_at(PIECE_BYTES + 9), mood)
    assert world.download().state == "ready"
    world.assert_ready()


def test_a_206_that_begins_too_late_is_asked_again() -> None:
    world = World()
    world.big_moods(cut_at(500), lambda content, offset: normal(content, offset + 1))
    assert world.download().state == "ready"
    assert world.big_offsets() == [0, 500, 500]
    world.assert_ready()


def test_an_expired_address_is_asked_for_again_at_the_resolve_address() -> None:
    world = World()
    world.big_moods(cut_at(PIECE_BYTES), answer(403))
    assert world.download().state == "ready"
    assert world.big_offsets() == [0, PIECE_BYTES, PIECE_BYTES]
    assert {url for url, _ in world.fetcher.requests} == set(world.urls.values())


def test_416_restarts_the_file_once_and_then_names_it() -> None:
    world = World()
    world.big_moods(cut_at(2000), answer(416), cut_at(3000), answer(416))
    with pytest.raises(AssetError, match=r"hub\.test has a shorter onnx/decoder_model_merged"):
        world.download()
    assert world.big_offsets() == [0, 2000, 0, 3000]
    assert world.download().state == "ready"
    world.assert_ready()


def test_a_wrong_file_is_named_and_only_it_is_fetched_again() -> None:
    world = World()
    wrong = some_bytes(BIG_BYTES, seed=9)
    world.big_moods(*[lambda _, offset: normal(wrong, offset)] * 2)
    with pytest.raises(AssetError, match=f"{BIG} came damaged twice") as caught:
        world.download()
    assert sha256(wrong) in caught.value.detail
    assert world.status().state == "partial"
    assert world.status().stored_bytes == world.entry.size_bytes - BIG_BYTES
    before = list(world.fetcher.requests)
    assert world.download().state == "ready"
    assert world.fetcher.requests[len(before) :] == [(world.urls[BIG], 0)]


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


@pytest.mark.parametrize(
    ("mood", "sentence"),
    [
        (answer(200, b"<!DOCTYPE html><html>" + b" " * BIG_BYTES), "A web page came instead of"),
        (answer(200, b"\n<html><body>Sign in"), "A web page came instead of"),
        (
            answer(200, b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"),
            "A pointer came instead of",
        ),
    ],
)
def test_a_page_or_a_pointer_instead_of_the_file(mood: Any, sentence: str) -> None:
    world = World()
    world.big_moods(cut_at(PIECE_BYTES + 10, MemoryError()), mood)
    with pytest.raises(MemoryError):
        world.download()
    world.reopen()
    with pytest.raises(AssetError, match=f"{sentence} {BIG}"):
        world.download()
    # What had come before is good and stays.
    assert world.download().state == "ready"
    assert world.big_offsets() == [0, PIECE_BYTES, PIECE_BYTES]


def test_another_size_on_the_server_is_told() -> None:
    world = World()
    mood = answer(206, b"x", content_range=f"bytes {PIECE_BYTES}-99/100000000")
    world.big_moods(cut_at(PIECE_BYTES), mood)
    with pytest.raises(AssetError, match="100000000 bytes instead of"):
        world.download()


@pytest.mark.parametrize(
    ("mood", "requests", "sentence"),
    [
        (unreachable, 5, "hub.test cannot be reached"),
        (answer(500), 5, "hub.test is in trouble (status 500)"),
        (answer(503), 5, "hub.test is in trouble (status 503)"),
        (answer(403), 2, "hub.test refuses to give onnx/decoder"),
        (answer(404), 1, "hub.test does not have onnx/decoder"),
        (answer(302), 1, "unexpected answer (status 302)"),
        (answer(429), 5, "too many requests"),
    ],
)
def test_retries_are_bounded_and_end_in_a_sentence(mood: Any, requests: int, sentence: str) -> None:
    world = World()
    world.big_moods(cut_at(PIECE_BYTES + 3), *[mood] * 20)
    with pytest.raises(NetworkError) as caught:
        world.download()
    assert sentence in caught.value.message
    assert "The 4.3 MB that have arrived are kept." in caught.value.message
    assert world.big_offsets() == [0, *[PIECE_BYTES + 3] * requests]
    assert world.tabs.held == []
    world.big_moods()
    world.reopen()
    assert world.download().state == "ready"
    assert world.big_offsets()[-1] == PIECE_BYTES + 3


def test_backoff_doubles_and_progress_forgives() -> None:
    world = World()
    world.big_moods(*[unreachable] * 5, cut_at(PIECE_BYTES), *[unreachable] * 4)
    assert world.download().state == "ready"
    # A piece has come in between, so the count began anew; the cut itself is the first.
    assert world.clock.waits == [0.5, 1.0, 2.0, 4.0, 8.0] * 2


def test_a_server_that_gives_a_byte_and_dies_does_not_hold_us_for_ever() -> None:
    world = World()
    world.big_moods(*[cut_at(position) for position in range(1, 50)])
    with pytest.raises(NetworkError, match="ended onnx/decoder_model_merged_quantized"):
        world.download()
    assert len(world.big_offsets()) == 6


def test_a_stall_and_being_offline_have_their_own_words() -> None:
    world = World()
    world.big_moods(cut_at(10, StalledError("30 s")))
    assert world.download().state == "ready"
    assert any("stopped sending" in progress.message for progress in world.progress)
    world = World()
    world.fetcher.offline = True
    world.big_moods(*[unreachable] * 6)
    with pytest.raises(NetworkError, match="This device is offline"):
        world.download()


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"retry_after": "7"}, 7.5),
        ({"ratelimit": '"resolvers";r=0;t=21'}, 21.5),
        ({"ratelimit": '"api";r=3;t=99, "resolvers";r=0;t=20'}, 20.5),
        ({"ratelimit_reset": "12"}, 12.5),
        ({"retry_after": "nonsense"}, 0.5),
        ({"retry_after": "Sat, 01 Jan 2000 00:00:00 GMT"}, 0.5),
        ({}, 0.5),
    ],
)
def test_the_hubs_wish_to_wait_is_honoured(headers: dict[str, str], wait_s: float) -> None:
    world = World()
    world.big_moods(answer(429, b"", **headers))
    assert world.download().state == "ready"
    assert world.clock.waits == [wait_s]


def test_nobody_waits_for_an_hour() -> None:
    world = World()
    world.big_moods(answer(429, retry_after="3600"))
    with pytest.raises(NetworkError, match="too many requests"):
        world.download()
    assert world.clock.waits == []


def test_cancel_ends_a_wait() -> None:
    world = World()

    def mood(content: bytes, offset: int) -> Any:
        world.stop.cancel()
        return answer(503)(content, offset)

    world.big_moods(mood)
    with pytest.raises(CancelledError):
        world.download()
    assert world.clock.time == 0


def test_gzip_on_small_files_and_cuts_in_them() -> None:
    """What fetch gives is decoded; Content-Length is the encoded size and means nothing."""
    world = World()
    url = world.urls["tokenizer.json"]
    encoded = str(len(gzip.compress(CONTENT["tokenizer.json"])))

    def mood(content: bytes, offset: int) -> Any:
        assert offset == 0, "a range would count encoded bytes"
        response = cut_at(50_000)(content, 0)
        response.headers = {"content-length": encoded}
        return response

    world.fetcher.moods_of[url] = [mood]
    assert world.download().state == "ready"
    assert [offset for address, offset in world.fetcher.requests if address == url] == [0, 0]
    world.assert_ready()


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


def test_hosted_with_the_site_in_parts_and_the_hub_behind_it() -> None:
    big = CONTENT[BIG]
    cut = PIECE_BYTES + 77
    parts = {"big.part1": big[:cut], "big.part2": big[cut:], "config.json": CONTENT["config.json"]}
    base = "https://site.test/app/models/test/"
    manifest = {
        "files": [
            {
                "path": BIG,
                "sha256": sha256(big),
                "parts": [
                    {"url": "big.part1", "size_bytes": cut},
                    {"url": "big.part2", "size_bytes": len(big) - cut},
                ],
            },
            {
                "path": "config.json",
                "sha256": sha256(CONTENT["config.json"]),
                "parts": [{"url": "config.json", "size_bytes": len(CONTENT["config.json"])}],
            },
        ]
    }
    world = World(hosted={"test": base + "manifest.json"})
    world.fetcher.files |= {base + name: data for name, data in parts.items()}
    world.fetcher.files[base + "manifest.json"] = json.dumps(manifest).encode()
    world.fetcher.moods_of[base + "big.part1"] = [cut_at(5000)]
    assert world.status().hosted
    assert world.download().state == "ready"
    world.assert_ready()
    # The site lacks tokenizer.json: that one, and only that one, comes from the hub.
    assert [url for url, _ in world.fetcher.requests if url.startswith(HUB)] == [
        world.urls["tokenizer.json"]
    ]
    assert (base + "big.part1", 5000) in world.fetcher.requests
    assert {progress.source for progress in world.progress if progress.phase == "downloading"} == {
        "site",
        "network",
    }


def test_a_site_without_its_manifest_falls_back_to_the_hub() -> None:
    world = World(hosted={"test": "https://site.test/models/test/manifest.json"})
    assert world.download().state == "ready"


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
