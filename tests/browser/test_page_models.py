"""Models that are not built in, as a person meets them on the page: consent, download, import."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from pycore.models.layouts import DECODER_PATH as BIG
from tests.browser.conftest import PageFactory
from tests.browser.hub import LocalHub
from tests.browser.hub_moods import Stall, Status
from tests.browser.model_driver import MODEL, allow, start_hub
from tests.browser.page_steps import (
    WAIT_MS,
    button,
    change_file,
    choose,
    choose_drawing,
    generate,
)
from tools.server import SiteServer

ASK = f"?model={MODEL}"


@pytest.fixture
def hub(private_server: SiteServer) -> Iterator[LocalHub]:
    """A hub that the private server's site is set to ask."""
    with start_hub() as hub:
        change_file(private_server.folder, "site.json", json.dumps({"hub": hub.url}).encode())
        allow(private_server, hub)
        yield hub


@pytest.fixture
def page(open_page: PageFactory, private_server: SiteServer, hub: LocalHub) -> Page:
    """The page, opened by a link that asks for the hub's model."""
    opened = open_page(server=private_server, path=ASK, allowed=(hub.url, hub.files_url))
    opened.watch.ignored.append("Failed to load resource")
    expect(button(opened.page, "Look it up")).to_be_visible(timeout=WAIT_MS)
    return opened.page


def look_up(page: Page) -> None:
    """Agree to ask the hub."""
    button(page, "Look it up").click()
    expect(page.get_by_role("button", name="Download")).to_be_visible(timeout=WAIT_MS)


def test_nothing_is_fetched_unasked_then_one_click_that_names_the_size(
    page: Page, hub: LocalHub
) -> None:
    expect(page.get_by_text("which Seesay does not know")).to_be_visible()
    assert hub.resolved == []
    choose_drawing(page)
    expect(button(page, "Generate caption")).to_be_disabled()
    look_up(page)
    assert [served for served in hub.served if served.path.endswith(".onnx")] == []
    expect(page.get_by_text("Licence: unknown.")).to_be_visible()
    page.get_by_role("button", name=re.compile(r"Download 10 MB")).click()
    expect(page.get_by_text(re.compile("Ready: 10 MB on this device"))).to_be_visible(
        timeout=WAIT_MS
    )
    generate(page)
    button(page, "Remove model").click()
    expect(page.get_by_role("button", name="Download 10 MB")).to_be_visible(timeout=WAIT_MS)
    expect(button(page, "Generate caption")).to_be_disabled()
    page.locator("#model").focus()
    for key in ("Enter", "Tab", "ArrowDown"):  # from the last of the list to its first
        page.keyboard.press(key)
    expect(page.locator("#model")).to_have_text(re.compile("Starter.*built in"))
    generate(page)


def test_blocked_site_data_means_memory_and_is_said(
    open_page: PageFactory, private_server: SiteServer, hub: LocalHub, tmp_path: Path
) -> None:
    preferences = tmp_path / "Default" / "Preferences"
    preferences.parent.mkdir()
    blocked = {"default_content_setting_values": {"cookies": 2}}
    preferences.write_text(json.dumps({"profile": blocked}), encoding="utf-8")
    opened = open_page(
        server=private_server,
        path=ASK,
        allowed=(hub.url, hub.files_url),
        profile=tmp_path,
        service_workers="allow",
    )
    page = opened.page
    # PyScript opens a database at its start, whose refusal nobody awaits.
    opened.watch.ignored += ["event is already being dispatched", "uncaught: Event"]
    expect(button(page, "Look it up")).to_be_visible(timeout=WAIT_MS)
    expect(page.get_by_text("Offline use is off here: this browser keeps nothing")).to_be_visible()
    expect(page.get_by_text("no network after the first visit")).to_be_hidden()
    expect(page.get_by_text("· nothing kept on this device")).to_be_visible(timeout=WAIT_MS)
    look_up(page)
    expect(page.get_by_text("checked, but not kept on this device")).to_be_visible()
    button(page, "Download 10 MB").click()
    expect(page.get_by_text("Ready and checked, but not kept on this device")).to_be_visible(
        timeout=WAIT_MS
    )
    choose_drawing(page)
    generate(page)


def test_pause_resume_and_discard(page: Page, hub: LocalHub) -> None:
    look_up(page)
    # A stall is given up after half a minute; there are as many as a slow machine may need.
    hub.moods[BIG] = [Stall(2_000_000)] * 9
    button(page, "Download 10 MB").click()
    bar = page.get_by_role("progressbar", name="Download")
    expect(page.get_by_text(re.compile(r"MB of 10 MB"))).to_be_visible(timeout=WAIT_MS)
    expect(bar).to_be_visible()
    button(page, "Pause").click()
    resume = page.get_by_role("button", name=re.compile(r"Resume, .* left"))
    expect(resume).to_be_visible(timeout=WAIT_MS)
    expect(bar).to_be_hidden()
    hub.moods[BIG] = [Stall(5_000_000)] * 9
    resume.click()
    expect(bar).to_be_visible()
    button(page, "Stop and discard").click()
    expect(button(page, "Download 10 MB")).to_be_visible(timeout=WAIT_MS)
    hub.moods.clear()
    button(page, "Download 10 MB").click()
    expect(page.get_by_text("Ready: 10 MB on this device")).to_be_visible(timeout=WAIT_MS)


def test_refusal_is_told_in_a_sentence_and_can_be_tried_again(page: Page, hub: LocalHub) -> None:
    look_up(page)
    hub.moods["config.json"] = [Status(404)]
    button(page, "Download 10 MB").click()
    expect(page.get_by_role("alert").filter(has_text="does not have config.json")).to_be_visible(
        timeout=WAIT_MS
    )
    page.get_by_role("button", name=re.compile("Download|Resume")).click()
    expect(page.get_by_text("Ready: 10 MB on this device")).to_be_visible(timeout=WAIT_MS)


def test_export_and_import(page: Page, tmp_path: Path) -> None:
    look_up(page)
    button(page, "Download 10 MB").click()
    expect(button(page, "Export as zip")).to_be_visible(timeout=WAIT_MS)
    with page.expect_download() as saved:
        button(page, "Export as zip").click()
    archive = tmp_path / "model.zip"
    saved.value.save_as(archive)
    button(page, "Remove model").click()
    with page.expect_file_chooser() as chooser:
        button(page, "Import from files").click()
    chooser.value.set_files(archive)
    expect(page.get_by_text("Ready: 10 MB on this device")).to_be_visible(timeout=WAIT_MS)
    choose_drawing(page)
    generate(page)
    button(page, "Remove model").click()
    expect(button(page, "Download 10 MB")).to_be_visible(timeout=WAIT_MS)
    choose(page, archive)  # dropped or chosen where images go
    expect(page.get_by_text("Ready: 10 MB on this device")).to_be_visible(timeout=WAIT_MS)


def test_guess_leads_to_the_model_for_photographs(
    open_page: PageFactory, private_server: SiteServer
) -> None:
    settings = json.dumps({"confidence_threshold": 1.1}).encode()
    change_file(private_server.folder, "models/starter/seesay.json", settings)
    page = open_page(server=private_server).page
    choose_drawing(page)
    generate(page)
    button(page, "Use Thorough (277 MB)").click()
    expect(page.locator("#model")).to_have_text(re.compile("Thorough.*277 MB to fetch"))
    expect(button(page, "Download 277 MB")).to_be_focused()
    expect(page.get_by_text("Fetched once from huggingface.co")).to_be_visible()
    expect(page.get_by_text("Licence: MIT.")).to_be_visible()
    expect(button(page, "Generate caption")).to_be_disabled()
