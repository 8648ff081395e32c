"""The model store in a real browser, against a hub that misbehaves: what a person is told, what
is fetched again, and that nothing half is ever called ready."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Playwright

from pycore.catalogue import DECODER_PATH as BIG
from tests.browser.conftest import Watch
from tests.browser.hub import LocalHub
from tests.browser.hub_moods import Cut, NoRanges, Other, Page, Short, Stall, Status
from tests.browser.model_driver import (
    MODEL,
    PIECE_BYTES,
    Driver,
    add_hosted_model,
    model_files,
    serve_for,
    start_hub,
)
from tools import chromium
from tools.server import SiteServer

FILES = model_files()
BIG_BYTES = len(FILES[BIG])
TOTAL_BYTES = sum(map(len, FILES.values()))
BEFORE_BIG = TOTAL_BYTES - BIG_BYTES
PART_BYTES = 5_000_000

OpenTab = Callable[[], Driver]


@dataclass
class World:
    """One browser and one hub for all tests here: starting Python in a tab takes seconds."""

    context: BrowserContext
    server: SiteServer
    hub: LocalHub
    watch: Watch
    tab: Driver


@pytest.fixture(scope="module")
def world(
    playwright: Playwright, site_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    with start_hub() as hub, serve_for(hub, site_dir) as server:
        context = playwright.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("profile"),
            executable_path=chromium.ensure(),
            args=chromium.FLAGS,
        )
        watch = Watch(allowed={server.url.rstrip("/"), hub.url, hub.files_url})
        watch.ignored += ["Failed to load resource", "has been blocked by CORS policy"]
        watch.attach(context)
        yield World(context, server, hub, watch, Driver(context, server, hub))
        context.close()


@pytest.fixture
def tab(world: World) -> Iterator[Driver]:
    """A tab that has nothing of the model; it must not log errors or ask anybody else."""
    if world.tab.status()["state"] != "absent":
        world.tab.value(f"captioner.models.remove({MODEL!r})")
    world.tab.page.evaluate("() => { progress.length = 0; }")
    world.hub.reset()
    world.watch.faults.clear()
    yield world.tab
    world.watch.check()


@pytest.fixture
def hub(world: World, tab: Driver) -> LocalHub:
    """The hub, as if nothing had happened."""
    return world.hub


@pytest.fixture
def open_tab(world: World, tab: Driver) -> Iterator[OpenTab]:
    """Return a function that opens another tab of the same browser."""
    with_tabs: list[Driver] = []

    def open_another() -> Driver:
        with_tabs.append(Driver(world.context, world.server, world.hub))
        return with_tabs[-1]

    yield open_another
    for opened in with_tabs:
        opened.page.close()


def waits(tab: Driver) -> list[str]:
    """What the person was told while the download waited."""
    return [event["message"] for event in tab.progress() if event["phase"] == "waiting"]


def test_download_caption_and_remove(tab: Driver, hub: LocalHub) -> None:
    tab.page.evaluate(
        """() => {
          const ask = navigator.storage.persist.bind(navigator.storage);
          navigator.storage.persist = () => (window.kept = ask());
        }"""
    )
    assert tab.status()["state"] == "absent"
    assert tab.error(f"captioner.load({MODEL!r})")["code"] == "asset"
    assert hub.served == []
    status = tab.download()
    assert (status["state"], status["stored_bytes"]) == ("ready", TOTAL_BYTES)
    assert tab.caption() == MODEL
    assert tab.page.evaluate("kept") in {True, False}
    # Each file once, from its start, without a referrer, and nothing that needs a preflight.
    assert sorted(served.path for served in hub.served) == sorted(FILES)
    assert {served.start for served in hub.served} == {0}
    assert {served.referrer for served in hub.served} == {None}
    events = tab.progress()
    assert [event["loaded"] for event in events] == sorted(event["loaded"] for event in events)
    assert events[-1]["loaded"] == events[-1]["total"] == TOTAL_BYTES
    tab.page.evaluate("() => { progress.length = 0; }")
    assert tab.download()["state"] == "ready"
    assert {event["source"] for event in tab.progress()} == {"device"}
    assert len(hub.served) == len(FILES)
    assert tab.value(f"captioner.models.remove({MODEL!r})")["stored_bytes"] == 0
    assert tab.page.evaluate("caches.keys()") == ["seesay-pins"]


@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
def test_a_cut_costs_at_most_one_piece(tab: Driver, hub: LocalHub, share: float) -> None:
    position = int(BIG_BYTES * share)
    hub.moods[BIG] = [Cut(position)]
    # A browser forgets what waits to be read when a connection breaks: at the speed of a network
    # that is next to nothing, at that of a loopback device it can be any amount.
    hub.bytes_per_s = 10e6
    assert tab.download()["state"] == "ready"
    first, second = hub.starts(BIG)
    assert first == 0
    assert position - PIECE_BYTES <= second <= position
    assert tab.caption() == MODEL
    (message,) = waits(tab)
    assert "localhost cannot be reached: the connection broke" in message


@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
def test_pause_costs_nothing(tab: Driver, hub: LocalHub, share: float) -> None:
    position = int(BIG_BYTES * share)
    hub.moods[BIG] = [Stall(position)]
    tab.begin_download()
    tab.wait_for_bytes(BEFORE_BIG + position)
    tab.value(f"captioner.models.pause({MODEL!r})")
    assert tab.ending()["value"]["state"] == "partial"
    assert tab.download()["state"] == "ready"
    assert hub.starts(BIG) == [0, position]
    assert tab.caption() == MODEL


def test_a_closed_tab_costs_at_most_one_piece(
    tab: Driver, open_tab: OpenTab, hub: LocalHub
) -> None:
    position = int(BIG_BYTES * 0.99)
    hub.moods[BIG] = [Stall(position)]
    dying = open_tab()
    dying.begin_download()
    dying.wait_for_bytes(BEFORE_BIG + position)
    dying.page.close()
    assert tab.status()["state"] == "partial"
    assert tab.download()["state"] == "ready"
    assert hub.starts(BIG) == [0, position // PIECE_BYTES * PIECE_BYTES]
    assert tab.caption() == MODEL


def test_cancel_keeps_what_has_come_and_remove_frees_it(tab: Driver, hub: LocalHub) -> None:
    hub.moods[BIG] = [Stall(PIECE_BYTES + 1000)]
    tab.begin_download()
    tab.wait_for_bytes(BEFORE_BIG + PIECE_BYTES + 1000)
    tab.page.evaluate("controller.abort()")
    assert tab.ending()["error"]["name"] == "AbortError"
    assert tab.status()["state"] == "partial"
    assert tab.value(f"captioner.models.remove({MODEL!r})")["state"] == "absent"
    assert tab.page.evaluate("caches.keys()") == ["seesay-pins"]


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
def test_moods_that_pass(tab: Driver, hub: LocalHub, mood: object) -> None:
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
    tab: Driver, hub: LocalHub, mood: object, sentence: str
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
    assert "What has come is kept" in error["message"]
    assert len(hub.starts(BIG)) == 6
    hub.moods.clear()
    assert tab.download()["state"] == "ready"


def test_a_stall_is_noticed(tab: Driver, hub: LocalHub) -> None:
    hub.moods[BIG] = [Stall(PIECE_BYTES + 500_000)]
    assert tab.download()["state"] == "ready"
    assert waits(tab) == ["localhost stopped sending. Check the connection, then go on."]
    assert hub.starts(BIG) == [0, PIECE_BYTES + 500_000]


def test_two_tabs_share_one_download_and_the_second_takes_over(
    tab: Driver, open_tab: OpenTab, hub: LocalHub
) -> None:
    hub.moods[BIG] = [Stall(PIECE_BYTES + 500_000)]
    hub.bytes_per_s = 4e6
    first = open_tab()
    first.begin_download()
    first.wait_for_bytes(BEFORE_BIG + 1_000_000)
    tab.begin_download()
    first.wait_for_bytes(BEFORE_BIG + PIECE_BYTES + 500_000)
    assert hub.starts(BIG) == [0]
    watched = [event for event in tab.progress() if event["phase"] == "other_tab"]
    assert len(watched) > 3
    assert watched[-1]["loaded"] > watched[0]["loaded"]
    first.page.close()
    assert tab.ending()["value"]["state"] == "ready"
    assert hub.starts(BIG) == [0, PIECE_BYTES]
    assert tab.caption() == MODEL


def test_eviction_is_noticed_from_the_store(tab: Driver, hub: LocalHub) -> None:
    tab.download()
    tab.page.evaluate(
        """async () => {
          const name = (await caches.keys()).find((name) => name.startsWith("seesay-model-"));
          const cache = await caches.open(name);
          const keys = await cache.keys();
          await cache.delete(keys.find(({ url }) => url.endsWith("/1")));
        }"""
    )
    assert tab.status()["state"] == "partial"
    assert tab.download()["state"] == "ready"
    assert hub.starts(BIG) == [0, PIECE_BYTES]
    assert tab.caption() == MODEL


def test_without_room_it_runs_from_memory_and_says_so(tab: Driver, hub: LocalHub) -> None:
    session = tab.page.context.new_cdp_session(tab.page)
    quota = {"origin": tab.page.evaluate("location.origin")}
    session.send("Storage.overrideQuotaForOrigin", {**quota, "quotaSize": 6_000_000})
    status = tab.download()
    assert (status["state"], status["in_memory"]) == ("ready", True)
    assert tab.progress()[-1]["in_memory"] is True
    assert tab.caption() == MODEL
    assert len(hub.starts(BIG)) == 1
    session.send("Storage.overrideQuotaForOrigin", quota)
    session.detach()


def test_import_and_export_without_the_hub(tab: Driver, hub: LocalHub, tmp_path: Path) -> None:
    tab.download()
    exported = tab.export(tmp_path / "model.zip")
    assert tab.value(f"captioner.models.remove({MODEL!r})")["state"] == "absent"
    # The hub's description names the hashes; from then on no file is asked of it.
    hub.reset()
    assert tab.import_files([exported])["state"] == "ready"
    assert hub.served == []
    assert tab.caption() == MODEL


def test_a_site_that_hosts_the_model_is_asked_before_the_hub(
    world: World, hub: LocalHub, site_dir: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(site_dir, tmp_path / "site")
    add_hosted_model(folder, FILES, PART_BYTES)
    with serve_for(hub, folder) as server:
        world.watch.allowed.add(server.url.rstrip("/"))
        tab = Driver(world.context, server, hub)
        status = tab.download()
        assert status["state"] == "ready"
        assert tab.caption() == MODEL
        # Only the description and the small files, which pinned the model, came from the hub.
        assert hub.starts(BIG) == []
        parts = [path for path in server.requests if ".part" in path]
        assert len(parts) == len(set(parts)) == -(-BIG_BYTES // PART_BYTES)
        assert "site" in {event["source"] for event in tab.progress()}
        tab.page.close()
