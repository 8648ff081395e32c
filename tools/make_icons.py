"""Draw the PNG icons from the SVG ones, with Chromium: ``python tools/make_icons.py``.

Run by hand when a drawing changes; the PNG files are kept in the repository, so that a build
needs no browser.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

ICONS = Path(__file__).resolve().parent.parent / "web" / "icons"
DRAWINGS = (
    ("seesay.svg", "icon-192.png", 192),
    ("seesay.svg", "icon-512.png", 512),
    ("maskable.svg", "maskable-512.png", 512),
)


def main() -> None:
    """Write every PNG beside its SVG; transparent where the drawing is."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for source, target, side_px in DRAWINGS:
            page = browser.new_page(viewport={"width": side_px, "height": side_px})
            drawing = (ICONS / source).read_text(encoding="utf-8")
            page.set_content(f"<style>body{{margin:0}}svg{{display:block}}</style>{drawing}")
            page.screenshot(path=ICONS / target, omit_background=True)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
