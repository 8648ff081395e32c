"""The starter on photographs and on pages of text, as a person meets it on the page."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Page, Request, expect

from models.reading import PAGES, in_shade, same
from models.reading import page as drawn_page
from tests.browser.conftest import PageFactory
from tests.browser.page_steps import WAIT_MS, choose, file, generate, wait_until_kept
from tools.project import ROOT

PHOTOGRAPHS = ROOT / "tests" / "fixtures" / "photos"
WORDS = ["Save your work before you leave.", "Press OK to go on, or Cancel to stay."]


def screenshot() -> bytes:
    """Return a picture of a few words, as a screen shows them."""
    image = Image.new("RGB", (900, 500), "white")
    pen = ImageDraw.Draw(image)
    for row in range(8):
        pen.text((40, 30 + 56 * row), WORDS[row % 2], fill="black", font=ImageFont.load_default(26))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def photographed_page() -> bytes:
    """Return a page of words as a camera shows it, half of it in shade."""
    out = io.BytesIO()
    in_shade(drawn_page(PAGES["eng"], size=20)).save(out, "JPEG", quality=92)
    return out.getvalue()


def keywords(page: Page) -> list[str]:
    return page.locator("#keyword-list span").all_text_contents()


def test_a_photograph_is_named_and_its_keywords_can_be_taken_away_and_copied(
    open_page: PageFactory,  # whose captioner has read nothing and has not told where it looked
) -> None:
    opened = open_page(permissions=["clipboard-read", "clipboard-write"])
    page = opened.page
    read: list[str] = []

    def note(request: Request) -> None:
        if "/tesseract/" in request.url:
            read.append(request.url)

    opened.context.on("request", note)
    choose(page, PHOTOGRAPHS / "kodim23.png")
    generate(page)
    expect(page.get_by_text("two macaws", exact=True)).to_be_visible(timeout=WAIT_MS)
    assert keywords(page) == ["macaw", "parrot", "bird", "animal"]
    page.get_by_role("button", name="Remove parrot").click()
    assert keywords(page) == ["macaw", "bird", "animal"]
    expect(page.get_by_role("button", name="Remove bird")).to_be_focused()
    page.get_by_role("button", name="Copy keywords").click()
    expect(page.locator("#keywords-copied")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "macaw, bird, animal"
    page.get_by_role("button", name="Where it looked").click()
    expect(page.locator("#look-hint")).to_contain_text("Point at a word", timeout=WAIT_MS)
    word = page.locator("#caption span", has_text="macaws")
    word.hover()
    expect(page.locator("#heat")).to_be_visible(timeout=WAIT_MS)
    assert read == []  # what reads text is fetched only where there is text


def test_a_page_of_text_is_read(open_warm_page: PageFactory) -> None:
    page = open_warm_page().page
    choose(page, file("screen.png", screenshot()))
    generate(page)
    caption = page.locator("#caption")
    expect(caption).to_contain_text("Screenshot: Save your work", timeout=WAIT_MS)
    lines = page.locator("#words").text_content() or ""
    assert lines.split("\n") == WORDS * 4
    expect(page.get_by_label("Read as")).to_have_value("eng")


def test_a_photographed_page_is_read_though_half_of_it_lies_in_shade(
    open_warm_page: PageFactory,
) -> None:
    page = open_warm_page().page
    choose(page, file("page.jpg", photographed_page()))
    generate(page)
    expect(page.locator("#caption")).to_contain_text("Text: The quick brown", timeout=WAIT_MS)
    assert same(page.locator("#words").text_content() or "", PAGES["eng"]) >= 0.95


def test_before_anything_can_be_read_offline_the_page_says_why(open_page: PageFactory) -> None:
    opened = open_page(locale="en-GB", service_workers="allow")
    opened.watch.ignored += ["ERR_INTERNET_DISCONNECTED", "Failed to fetch", "Failed to load"]
    page = opened.page
    wait_until_kept(page)
    opened.context.set_offline(True)
    choose(page, file("screen.png", screenshot()))
    generate(page)
    expect(page.locator("#caption")).to_have_text("This looks like text", timeout=WAIT_MS)
    expect(page.locator("#words-state")).to_contain_text("did not arrive. Check the connection")
    opened.context.set_offline(False)
    page.get_by_role("button", name="Read them").click()
    expect(page.locator("#words")).to_contain_text("Press OK to go on", timeout=WAIT_MS)
    expect(page.locator("#words-state")).to_be_empty()
