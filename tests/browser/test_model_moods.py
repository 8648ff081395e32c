"""A hub's moods in a real browser: those that pass are waited out, the others told in a sentence,
and in none is a half model called ready or a good file fetched twice."""

from __future__ import annotations

import pytest

from pycore.models.layouts import DECODER_PATH as BIG
from tests.browser.hub import LocalHub
from tests.browser.hub_moods import Mood, NoRanges, Other, Page, Short, Stall, Status
from tests.browser.model_driver import MODEL, PIECE_BYTES, Driver
from tests.browser.model_world import BEFORE_BIG, BIG_BYTES, waits

pytest_plugins = ["tests.browser.model_fixtures"]


@pytest.mark.parametrize(
    "mood",
    [
        Short(PIECE_BYTES + 1),
        Status(403),
        Status(404, cors=False),
        Status(429, {"Retry-After": "1"}),
        Status(429, {"RateLimit": '"resolvers";r=0;t=1'}),
        Status(503),
        NoRanges(),
        Other(bytes(BIG_BYTES)),
    ],
    ids=str,
)
def test_moods_that_pass(tab: Driver, hub: LocalHub, mood: Mood) -> None:
    hub.moods[BIG] = [Short(PIECE_BYTES + 500_000), mood]
    assert tab.download()["state"] == "ready"
    assert tab.caption() == MODEL
    assert len(hub.starts("tokenizer.json")) == 1


def test_a_file_that_is_shorter_on_the_server_is_fetched_from_its_start(
    tab: Driver, hub: LocalHub
) -> None:
    hub.moods[BIG] = [Short(PIECE_BYTES + 500_000), Status(416)]
    assert tab.download()["state"] == "ready"
    assert hub.starts(BIG) == [0, PIECE_BYTES + 500_000, 0]


def test_a_signed_address_that_expired_midway(tab: Driver, hub: LocalHub) -> None:
    hub.moods[BIG] = [Stall(PIECE_BYTES + 500_000)]
    tab.begin_download()
    tab.wait_for_bytes(BEFORE_BIG + PIECE_BYTES + 500_000)
    tab.value(f"captioner.models.pause({MODEL!r})")
    tab.ending()
    hub.expire_links()
    assert tab.download()["state"] == "ready"
    assert hub.resolved.count(BIG) == 2


@pytest.mark.parametrize(
    ("mood", "sentence"),
    [
        (
            Page(b"<!DOCTYPE html><title>Hotel Wi-Fi</title>" + b" " * 300),
            "A web page came instead",
        ),
        (
            Page(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "text/plain"),
            "A pointer came instead",
        ),
        (Status(404), "localhost does not have"),
        (Status(429, {"Retry-After": "3600"}), "localhost gets too many requests"),
    ],
    ids=["page", "pointer", "404", "429 for an hour"],
)
def test_moods_that_end_it_are_told_and_the_rest_is_kept(
    tab: Driver, hub: LocalHub, mood: Mood, sentence: str
) -> None:
    hub.moods[BIG] = [Short(PIECE_BYTES + 500_000), mood]
    error = tab.error()
    assert sentence in error["message"]
    assert tab.status()["state"] == "partial"
    assert tab.download()["state"] == "ready"
    assert hub.starts(BIG)[-1] == PIECE_BYTES + 500_000


def test_a_wrong_file_is_named_and_only_it_is_fetched_again(tab: Driver, hub: LocalHub) -> None:
    hub.moods[BIG] = [Other(bytes(BIG_BYTES))] * 2
    error = tab.error()
    assert error["code"] == "asset"
    assert f"{BIG} came damaged twice" in error["message"]
    assert tab.status()["state"] == "partial"
    before = len(hub.served)
    assert tab.download()["state"] == "ready"
    assert [served.path for served in hub.served[before:]] == [BIG]


def test_a_hub_that_stays_silent_is_given_up_after_bounded_tries(
    tab: Driver, hub: LocalHub
) -> None:
    hub.moods[BIG] = [Short(PIECE_BYTES + 500_000), *[Status(404, cors=False)] * 20]
    error = tab.error()
    assert error["code"] == "network"
    assert "localhost cannot be reached" in error["message"]
    assert "that have arrived are kept" in error["message"]
    assert len(hub.starts(BIG)) == 6
    hub.moods.clear()
    assert tab.download()["state"] == "ready"


def test_a_stall_is_noticed(tab: Driver, hub: LocalHub) -> None:
    hub.moods[BIG] = [Stall(PIECE_BYTES + 500_000)]
    assert tab.download()["state"] == "ready"
    assert waits(tab) == ["localhost stopped sending. Check the connection, then go on."]
    assert hub.starts(BIG) == [0, PIECE_BYTES + 500_000]
