"""Seesay as an app that can be installed."""

from __future__ import annotations

import io
import json
from pathlib import Path

from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import ContextFactory, PageFactory
from tools.server import SiteServer


def test_browser_finds_nothing_against_installing(open_page: PageFactory, tmp_path: Path) -> None:
    # Nothing is installed from a private window.
    opened = open_page(profile=tmp_path, service_workers="allow")
    session = opened.context.new_cdp_session(opened.page)
    assert session.send("Page.getInstallabilityErrors") == {"installabilityErrors": []}
    manifest = session.send("Page.getAppManifest")
    assert manifest["errors"] == []


def test_manifest_and_its_icons(new_context: ContextFactory, isolated_server: SiteServer) -> None:
    request = new_context()[0].request
    manifest = json.loads(request.get(f"{isolated_server.url}manifest.webmanifest").body())
    assert manifest["display"] == "standalone"
    assert (manifest["start_url"], manifest["scope"]) == (".", ".")
    purposes = {icon["purpose"] for icon in manifest["icons"]}
    assert purposes == {"any", "maskable"}
    for icon in manifest["icons"]:
        response = request.get(isolated_server.url + icon["src"])
        assert response.headers["content-type"] == icon["type"]
        if icon["type"] == "image/png":
            width, height = Image.open(io.BytesIO(response.body())).size
            assert f"{width}x{height}" == icon["sizes"]


def test_screenshots_for_the_installation_are_what_the_manifest_says(
    new_context: ContextFactory, isolated_server: SiteServer
) -> None:
    request = new_context()[0].request
    manifest = json.loads(request.get(f"{isolated_server.url}manifest.webmanifest").body())
    assert {shot["form_factor"] for shot in manifest["screenshots"]} == {"narrow", "wide"}
    for shot in manifest["screenshots"]:
        response = request.get(isolated_server.url + shot["src"])
        assert response.headers["content-type"] == shot["type"]
        width, height = Image.open(io.BytesIO(response.body())).size
        assert f"{width}x{height}" == shot["sizes"]
        assert 320 <= min(width, height) <= max(width, height) <= 3840  # Chromium's limits


def test_page_and_manifest_have_the_same_colours(open_warm_page: PageFactory) -> None:
    opened = open_warm_page(color_scheme="light")
    manifest = opened.page.evaluate("fetch('manifest.webmanifest').then((r) => r.json())")
    theme = opened.page.locator('meta[name="theme-color"]').first.get_attribute("content")
    assert manifest["theme_color"] == manifest["background_color"] == theme
    style = "getComputedStyle(document.documentElement).getPropertyValue('--wall').trim()"
    assert opened.page.evaluate(style) == theme


def test_shortcuts_lead_to_the_views_they_name(open_warm_page: PageFactory) -> None:
    opened = open_warm_page()
    manifest = opened.page.evaluate("fetch('manifest.webmanifest').then((r) => r.json())")
    titles = {"Library": "Library", "Documents": "Alt text for documents"}
    assert {shortcut["name"] for shortcut in manifest["shortcuts"]} == set(titles)
    for shortcut in manifest["shortcuts"]:
        opened.page.goto(opened.server.url + shortcut["url"])
        expect(opened.page.get_by_role("heading", level=1)).to_have_text(titles[shortcut["name"]])


SHARE = """async (url) => {
  const form = Object.assign(document.createElement("form"), {
    action: url, method: "post", enctype: "multipart/form-data",
  });
  const input = Object.assign(document.createElement("input"), { type: "file", name: "images" });
  const canvas = Object.assign(document.createElement("canvas"), { width: 40, height: 30 });
  canvas.getContext("2d").fillRect(5, 5, 20, 20);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve));
  const transfer = new DataTransfer();
  transfer.items.add(new File([blob], "shared.png", { type: "image/png" }));
  input.files = transfer.files;
  form.append(input);
  document.body.append(form);
  form.submit();
}"""


def test_an_image_that_is_shared_with_the_app_stands_in_the_frame(open_page: PageFactory) -> None:
    opened = open_page(service_workers="allow")
    opened.page.evaluate("navigator.serviceWorker.ready")
    manifest = opened.page.evaluate("fetch('manifest.webmanifest').then((r) => r.json())")
    target = manifest["share_target"]
    # As the operating system does it: a form is posted from outside the app.
    outside = opened.context.new_page()
    outside.evaluate(SHARE, opened.server.url + target["action"])
    expect(outside.locator("#file-name")).to_have_text("shared.png")
    expect(outside.locator("#file-facts")).to_contain_text("40 × 30")
    assert outside.url == opened.server.url
    assert target["params"]["files"][0]["name"] == "images"
