"""Odd image files in a real browser: who is asked to decode them, and what a person is told."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import FIXTURES, PageFactory
from tests.browser.page_steps import choose, drawing, file, generate

FIELD = FIXTURES / "field"


def test_the_page_asks_the_browser_and_says_what_is_missing(open_warm_page: PageFactory) -> None:
    page = open_warm_page().page
    choose(page, file("favicon.ico", drawing("ICO")))
    expect(page.get_by_text(re.compile("^ICO, "))).to_be_visible()
    generate(page)
    expect(page.locator("#notes")).to_be_hidden()
    choose(page, file("photo.heic", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"))
    expect(page.get_by_role("alert")).to_contain_text("is an HEIC file, which this browser")
    cut = drawing("BMP")
    choose(page, file("cut.bmp", cut[: len(cut) // 2]))
    generate(page)
    expect(page.locator("#notes")).to_contain_text("50 % of it could be read")
    expect(page.get_by_text(re.compile("^BMP, 320 × 240, .*, incomplete"))).to_be_visible()


def test_the_preview_is_as_upright_as_what_the_model_sees(open_page: PageFactory) -> None:
    page = open_page(path="licences.html").page  # the captioner is not the page's
    files = [
        list((FIELD / name).read_bytes())
        for name in ("exif6.jpg", "exif6.webp", "xmp6.jpg", "rawprofile6.png")
    ]
    sizes = page.evaluate(
        """async (files) => {
          const { createCaptioner } = await import("./seesay.mjs");
          const captioner = createCaptioner();
          const sizes = [];
          for (const file of files) {
            const blob = new Blob([new Uint8Array(file)]);
            const preview = new Image();
            preview.src = URL.createObjectURL(blob);
            await preview.decode();
            const { image } = await captioner.caption(blob, { maxNewTokens: 1, numBeams: 1 });
            sizes.push([preview.naturalWidth, preview.naturalHeight, image.width, image.height]);
          }
          captioner.close();
          return sizes;
        }""",
        files,
    )
    assert sizes == [[224, 320, 224, 320], *[[320, 224, 320, 224]] * 3]
