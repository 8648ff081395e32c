"""What axe-core and a keyboard find on a page, and the sizes of screen that it is looked at in."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tools import npm

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SIZES = {"phone": {"width": 360, "height": 740}, "desktop": {"width": 1280, "height": 800}}
SMALL_TARGETS = """() => [...document.querySelectorAll("a, button, select, .choose")]
  .filter((element) => element.checkVisibility())
  .map((element) => [element.textContent.trim(), element.getBoundingClientRect()])
  .filter(([, box]) => box.height < 44 || box.width < 44)
  .map(([name]) => name)"""


def violations(page: Page) -> list[str]:
    """Return what axe-core finds wrong with the page as it is now."""
    if page.evaluate("globalThis.axe === undefined"):
        page.evaluate((npm.package("axe-core") / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate(
        "(tags) => axe.run({ runOnly: { type: 'tag', values: tags } })", STANDARDS
    )["violations"]
    return [
        f"{rule['id']}: {node['html']} {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


def looked_through(page: Page) -> list[str]:
    """Return what axe-core finds in light and in dark, and whether 320 pixels are too narrow.

    It leaves the window as it was, and nothing on the page moves any more.
    """
    size = page.viewport_size
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += violations(page)
    page.set_viewport_size({"width": 320, "height": 640})
    if page.evaluate("document.documentElement.scrollWidth") > 320:
        found.append("it is wider than 320 pixels")
    if size:
        page.set_viewport_size(size)
    return found


def focused(page: Page) -> str:
    """Return the id of the element that has the keyboard's focus."""
    name = page.evaluate("document.activeElement.id")
    assert isinstance(name, str)
    return name


def tab_to(page: Page, name: str, key: str = "Tab") -> None:
    """Press a key until an element has the focus."""
    for _ in range(12):
        if focused(page) == name:
            return
        page.keyboard.press(key)
    pytest.fail(f"{key} never reaches {name}")
