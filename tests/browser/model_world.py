"""What the tests of the model store share: one browser, one hub, a tab that is used again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, Playwright

from pycore.models.layouts import DECODER_PATH as BIG
from tests.browser.conftest import FLAGS, PATIENCE_MS, Watch
from tests.browser.hub import LocalHub
from tests.browser.model_driver import Driver, model_files
from tools import chromium
from tools.server import SiteServer

FILES = model_files()
BIG_BYTES = len(FILES[BIG])
TOTAL_BYTES = sum(map(len, FILES.values()))
BEFORE_BIG = TOTAL_BYTES - BIG_BYTES


OpenTab = Callable[[], Driver]


@dataclass
class World:
    """One browser and one hub for all tests here: starting Python in a tab takes seconds."""

    context: BrowserContext
    server: SiteServer
    hub: LocalHub
    watch: Watch
    tab: Driver


def start_browser(playwright: Playwright, profile: Path) -> BrowserContext:
    context = playwright.chromium.launch_persistent_context(
        profile, executable_path=chromium.ensure(), args=FLAGS
    )
    context.set_default_timeout(PATIENCE_MS)
    return context


def waits(tab: Driver) -> list[str]:
    """What the person was told while the download waited."""
    return [event["message"] for event in tab.progress() if event["phase"] == "waiting"]
