"""Fixtures of the model store's tests, for ``pytest_plugins``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from tests.browser.conftest import Watch
from tests.browser.hub import LocalHub
from tests.browser.model_driver import MODEL, Driver, serve_for, start_hub
from tests.browser.model_world import OpenTab, World, start_browser


@pytest.fixture(scope="session")
def world(
    playwright: Playwright, site_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    with start_hub() as hub, serve_for(hub, site_dir) as server:
        context = start_browser(playwright, tmp_path_factory.mktemp("profile"))
        watch = Watch(allowed={server.url.rstrip("/"), hub.url, hub.files_url})
        watch.ignored += ["Failed to load resource", "has been blocked by CORS policy"]
        watch.attach(context)
        yield World(context, server, hub, watch, Driver(context, server, hub))
        context.close()


@pytest.fixture
def tab(world: World) -> Iterator[Driver]:
    """A tab that has nothing of the model; it must not log errors or ask anybody else."""
    # Stops what a test that failed may have left under way; otherwise nothing is.
    world.tab.page.evaluate("() => { window.controller?.abort(); }")
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
