"""Where the model looked: in the JavaScript API, and as a heat map on the page."""

from __future__ import annotations

import math
import re
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.accessibility import violations
from tests.browser.api_page import (
    LARGE_FIELD_BYTES,
    LARGE_FIELD_HEADER,
    list_model,
    make_site,
    open_api,
    prevent_splitting,
    run,
)
from tests.browser.conftest import PageFactory
from tests.browser.page_steps import (
    WAIT_MS,
    button,
    caption_text,
    choose,
    drawing,
    expect_preview,
    file,
    generate,
)
from tools.server import serve

DECODER = "models/starter/onnx/decoder_model_merged_quantized.onnx"
ASK = """
    const image = await picture();
    const options = { numBeams: 2, numReturnSequences: 2, maxNewTokens: 8 };
    const before = await c.caption(image, options);
    const asked = await c.caption(image, { ...options, attentions: true });
    const after = await c.caption(image, options);
    return { before, asked, after, about: await c.diagnostics() };
"""
PIXELS = """() => {
  const heat = document.getElementById("heat");
  const { width, height } = heat;
  const copy = new OffscreenCanvas(width, height).getContext("2d");
  copy.drawImage(heat, 0, 0);
  const { data } = copy.getImageData(0, 0, width, height);
  return { colours: new Set(new Uint32Array(data.buffer)).size, sum: data.reduce((a, b) => a + b) };
}"""


def captions(result: dict[str, Any]) -> list[str]:
    return [candidate["text"] for candidate in result["candidates"]]


@pytest.mark.parametrize("kind", ["small", "large", "merged"])
def test_attentions_come_when_asked_for(
    open_page: PageFactory, site_dir: Path, tmp_path: Path, after_pages: ExitStack, kind: str
) -> None:
    folder = make_site(site_dir, tmp_path / "site")
    if kind == "merged":
        prevent_splitting(folder / DECODER)
    if kind == "large":
        with (folder / DECODER).open("ab") as decoder:
            decoder.write(LARGE_FIELD_HEADER)
            decoder.truncate(decoder.tell() + LARGE_FIELD_BYTES)
    server = after_pages.enter_context(serve(list_model(folder), isolated=True))
    seen = run(open_api(open_page, server).page, ASK)
    assert captions(seen["asked"]) == captions(seen["before"]) == captions(seen["after"])
    for result in (seen["before"], seen["after"]):
        assert all("attention" not in candidate for candidate in result["candidates"])
    if kind == "merged":
        assert all("attention" not in candidate for candidate in seen["asked"]["candidates"])
        assert "does not tell where the model looked" in seen["about"]["notes"][0]
        return
    assert seen["about"]["notes"] == []
    for candidate in seen["asked"]["candidates"]:
        attention = candidate["attention"]
        texts = [word["text"] for word in attention["words"]]
        assert texts == [word["text"] for word in candidate["words"]]
        for word in attention["words"]:
            assert len(word["weights"]) == attention["height"] * attention["width"] > 1
            assert math.isclose(sum(word["weights"]), 1, abs_tol=1e-6)
            assert len(set(word["weights"])) > 1


def paint(page: Page, word: Locator) -> dict[str, int]:
    """What is on the canvas, once this word's map can be seen."""
    expect(word).to_have_class(re.compile(r"\blooked\b"))
    expect(page.locator("#heat")).to_be_visible()
    pixels = page.evaluate(PIXELS)
    assert pixels["colours"] > 50
    assert isinstance(pixels, dict)
    return pixels


def test_words_show_where_the_model_looked(open_warm_page: PageFactory) -> None:
    page = open_warm_page(reduced_motion="reduce").page  # axe is to see colours at rest
    choose(page, file("wide.png", drawing(size=(480, 200))))
    caption = generate(page)
    heat, words, look = (
        page.locator("#heat"),
        page.locator(".word"),
        button(page, "Where it looked"),
    )
    expect(look).to_have_attribute("aria-pressed", "false")
    expect(words).to_have_count(0)
    caption_text(page).hover()
    expect(heat).to_be_hidden()

    look.click()
    expect(look).to_have_attribute("aria-pressed", "true")
    expect(words).to_have_count(len(caption.split()), timeout=WAIT_MS)
    expect(caption_text(page)).to_have_text(caption, use_inner_text=False)
    assert caption_text(page).text_content() == caption
    assert violations(page) == []
    expect(heat).to_be_hidden()

    expect_preview(page)
    words.nth(1).hover()
    second = paint(page, words.nth(1))
    boxes = "[heat, preview].map((element) => element.getBoundingClientRect().toJSON())"
    box, preview = page.evaluate(boxes)
    assert box == preview
    width, height = page.evaluate("[heat.width, heat.height]")
    assert width / height == pytest.approx(480 / 200, rel=0.01)
    words.last.hover()
    assert paint(page, words.last) != second
    page.get_by_role("heading", level=1).hover()
    expect(heat).to_be_hidden()

    look.click()
    expect(words).to_have_count(0)
    expect(page.locator("#caption [tabindex]")).to_have_count(0)


def test_heat_maps_by_keyboard(open_warm_page: PageFactory) -> None:
    page = open_warm_page().page
    choose(page, file("drawing.png", drawing()))
    generate(page)
    words, heat = page.locator(".word"), page.locator("#heat")
    button(page, "Where it looked").focus()
    page.keyboard.press("Enter")
    expect(words.nth(1)).to_be_visible(timeout=WAIT_MS)
    expect_preview(page)
    page.keyboard.press("Tab")
    expect(words.first).to_be_focused()
    first = paint(page, words.first)
    page.keyboard.press("ArrowRight")
    expect(words.nth(1)).to_be_focused()
    assert paint(page, words.nth(1)) != first
    page.keyboard.press("Escape")
    expect(heat).to_be_hidden()
    page.keyboard.press("End")
    expect(words.last).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(words.first).to_be_focused()
    assert paint(page, words.first) == first
    page.keyboard.press("Tab")  # one stop for all words
    expect(page.locator(".word:focus")).to_have_count(0)
    expect(heat).to_be_hidden()


def test_the_next_caption_comes_with_its_maps(open_warm_page: PageFactory) -> None:
    page = open_warm_page().page
    choose(page, file("drawing.png", drawing()))
    generate(page)
    button(page, "Where it looked").click()
    expect(page.locator(".word").first).to_be_visible(timeout=WAIT_MS)
    choose(page, file("other.png", drawing(size=(200, 300))))
    expect(page.locator("#heat")).to_be_hidden()
    expect(button(page, "Where it looked")).to_be_hidden()
    generate(page)
    expect_preview(page)
    page.locator(".word").last.hover()
    paint(page, page.locator(".word").last)
