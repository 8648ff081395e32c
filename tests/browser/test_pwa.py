"""Seesay as an app that can be installed."""

from __future__ import annotations

import io
import json
from pathlib import Path

from PIL import Image

from tests.browser.conftest import PageFactory


def test_browser_finds_nothing_against_installing(open_page: PageFactory, tmp_path: Path) -> None:
    opened = open_page(profile=tmp_path)  # nothing is installed from a private window
    session = opened.context.new_cdp_session(opened.page)
    assert session.send("Page.getInstallabilityErrors") == {"installabilityErrors": []}
    manifest = session.send("Page.getAppManifest")
    assert manifest["errors"] == []


def test_manifest_and_its_icons(open_page: PageFactory) -> None:
    opened = open_page()
    request = opened.context.request
    manifest = json.loads(request.get(f"{opened.server.url}manifest.webmanifest").body())
    assert manifest["display"] == "standalone"
    assert (manifest["start_url"], manifest["scope"]) == (".", ".")
    purposes = {icon["purpose"] for icon in manifest["icons"]}
    assert purposes == {"any", "maskable"}
    for icon in manifest["icons"]:
        response = request.get(opened.server.url + icon["src"])
        assert response.headers["content-type"] == icon["type"]
        if icon["type"] == "image/png":
            width, height = Image.open(io.BytesIO(response.body())).size
            assert f"{width}x{height}" == icon["sizes"]


def test_screenshots_for_the_installation_are_what_the_manifest_says(
    open_page: PageFactory,
) -> None:
    opened = open_page()
    request = opened.context.request
    manifest = json.loads(request.get(f"{opened.server.url}manifest.webmanifest").body())
    assert {shot["form_factor"] for shot in manifest["screenshots"]} == {"narrow", "wide"}
    for shot in manifest["screenshots"]:
        response = request.get(opened.server.url + shot["src"])
        assert response.headers["content-type"] == shot["type"]
        width, height = Image.open(io.BytesIO(response.body())).size
        assert f"{width}x{height}" == shot["sizes"]
        assert 320 <= min(width, height) <= max(width, height) <= 3840  # Chromium's limits


def test_page_and_manifest_have_the_same_colours(open_page: PageFactory) -> None:
    opened = open_page(color_scheme="light")
    manifest = opened.page.evaluate("fetch('manifest.webmanifest').then((r) => r.json())")
    theme = opened.page.locator('meta[name="theme-color"]').first.get_attribute("content")
    assert manifest["theme_color"] == manifest["background_color"] == theme
    style = "getComputedStyle(document.documentElement).getPropertyValue('--wall').trim()"
    assert opened.page.evaluate(style) == theme


def test_service_worker_controls_the_first_page_soon(open_page: PageFactory) -> None:
    page = open_page().page
    page.evaluate("navigator.serviceWorker.ready")
    assert page.evaluate(
        """() => navigator.serviceWorker.controller !== null || new Promise((resolve) =>
          navigator.serviceWorker.addEventListener("controllerchange", () => resolve(true)))"""
    )
