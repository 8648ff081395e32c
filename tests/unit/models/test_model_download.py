"""Downloads over a network that misbehaves; nothing here really waits."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from pycore.download import retrying_stream
from pycore.download.fetcher import ConnectionLostError, StalledError
from pycore.download.origins import PIECE_BYTES
from pycore.errors import AssetError, CancelledError, NetworkError
from tests.unit.helpers import run_sync
from tests.unit.models.model_fakes import (
    HUB,
    answer,
    cut_at,
    normal,
    sha256,
    some_bytes,
    unreachable,
)
from tests.unit.models.model_world import BIG, BIG_BYTES, CONTENT, World


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
