"""The model store in a real browser: what is fetched, kept, fetched again, and forgotten."""

from __future__ import annotations

import os
import shutil
import signal
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Error, Playwright

from pycore.models.layouts import DECODER_PATH as BIG
from tests.browser.hub import LocalHub
from tests.browser.hub_moods import Cut, Hold, Stall
from tests.browser.model_driver import (
    COMMIT,
    MODEL,
    PIECE_BYTES,
    Driver,
    add_hosted_model,
    serve_for,
)
from tests.browser.model_world import (
    BEFORE_BIG,
    BIG_BYTES,
    FILES,
    TOTAL_BYTES,
    OpenTab,
    World,
    start_browser,
    waits,
)

pytest_plugins = ["tests.browser.model_fixtures"]

PART_BYTES = 5_000_000


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
    # Nor does it stay in memory.
    assert tab.error(f"captioner.load({MODEL!r})")["code"] == "asset"


@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
def test_a_cut_costs_nothing_that_was_read(tab: Driver, hub: LocalHub, share: float) -> None:
    position = int(BIG_BYTES * share)
    # A browser forgets what waits to be read when a connection breaks: at the speed of a network
    # that is next to nothing, at that of a loopback device it can be any amount.
    hold = Hold(position, then=Cut(position))
    hub.moods[BIG] = [hold]
    tab.begin_download()
    tab.wait_for_bytes(BEFORE_BIG + position)
    hold.go_on.set()
    assert tab.ending()["value"]["state"] == "ready"
    assert hub.starts(BIG) == [0, position]
    assert tab.caption() == MODEL
    (message,) = waits(tab)
    assert "localhost cannot be reached: the connection broke" in message


def test_asking_for_a_stretch_of_a_file_needs_no_preflight(tab: Driver, hub: LocalHub) -> None:
    url = f"{hub.url}/test/tiny/resolve/{COMMIT}/{BIG}"
    asked = """async (url) => {
      const response = await fetch(url, { headers: { Range: "bytes=7-16" } });
      return [response.status, (await response.arrayBuffer()).byteLength];
    }"""
    # The hub refuses preflights: had the browser sent one, this would have failed.
    assert tab.page.evaluate(asked, url) == [206, 10]


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


def test_a_dead_battery_costs_at_most_one_piece(
    world: World, hub: LocalHub, playwright: Playwright, tmp_path: Path
) -> None:
    position = 2 * PIECE_BYTES + 500_000
    hub.moods[BIG] = [Stall(position)]
    context = start_browser(playwright, tmp_path)
    dying = Driver(context, world.server, hub)
    dying.begin_download()
    dying.wait_for_bytes(BEFORE_BIG + position)
    kill(context)
    for lock in tmp_path.glob("Singleton*"):
        lock.unlink()
    context = start_browser(playwright, tmp_path)
    tab = Driver(context, world.server, hub)
    assert tab.status()["state"] == "partial"
    assert tab.download()["state"] == "ready"
    assert hub.starts(BIG) == [0, 2 * PIECE_BYTES]
    assert len(hub.starts("tokenizer.json")) == 1
    context.close()


def kill(context: BrowserContext) -> None:
    """End a browser as a power cut would: no process of it gets to say goodbye."""
    assert context.browser is not None
    session = context.browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    for process in sorted(processes, key=lambda process: process["type"] != "browser"):
        with suppress(ProcessLookupError):
            os.kill(process["id"], signal.SIGKILL)
    with suppress(Error):
        context.close()


def test_cancel_keeps_what_has_come_and_remove_frees_it(tab: Driver, hub: LocalHub) -> None:
    hub.moods[BIG] = [Stall(PIECE_BYTES + 1000)]
    tab.begin_download()
    tab.wait_for_bytes(BEFORE_BIG + PIECE_BYTES + 1000)
    tab.page.evaluate("controller.abort()")
    assert tab.ending()["error"]["name"] == "AbortError"
    assert tab.status()["state"] == "partial"
    assert tab.value(f"captioner.models.remove({MODEL!r})")["state"] == "absent"
    assert tab.page.evaluate("caches.keys()") == ["seesay-pins"]


def test_a_stopped_download_is_let_go_before_what_is_asked_next(tab: Driver, hub: LocalHub) -> None:
    hub.moods[BIG] = [Stall(PIECE_BYTES + 1000), Stall(PIECE_BYTES + 2000)]
    tab.begin_download()
    tab.wait_for_bytes(BEFORE_BIG + PIECE_BYTES + 1000)
    # All in one go: whoever aborts is told at once, and the worker is not done with it then.
    tab.page.evaluate("() => { controller.abort(); window.ending = run(download()); }")
    tab.wait_for_bytes(BEFORE_BIG + PIECE_BYTES + 2000)
    assert hub.starts(BIG) == [0, PIECE_BYTES + 1000]
    removed = tab.page.evaluate(
        f"() => {{ controller.abort(); return run(captioner.models.remove({MODEL!r})); }}"
    )
    assert removed["value"]["state"] == "absent"
    assert tab.page.evaluate("caches.keys()") == ["seesay-pins"]


def test_two_tabs_share_one_download_and_the_second_takes_over(
    tab: Driver, open_tab: OpenTab, hub: LocalHub
) -> None:
    late = Hold(3_000_000, then=Stall(PIECE_BYTES + 2_000_000))
    early = Hold(1_000_000, then=late)
    hub.moods[BIG] = [early]
    first = open_tab()
    first.begin_download()
    first.wait_for_bytes(BEFORE_BIG + early.at)
    tab.begin_download()
    tab.wait_for_turn()
    for hold, position in (early, late.at), (late, PIECE_BYTES + 2_000_000):
        hold.go_on.set()
        tab.wait_for_bytes(BEFORE_BIG + position)
    assert hub.starts(BIG) == [0]
    assert {event["phase"] for event in tab.progress()} == {"other_tab"}
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
