"""The page for everyone: keyboard alone, screen readers, still pictures, forced colours."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import SIZES, SMALL_TARGETS, focused, tab_to, violations
from tests.browser.conftest import PageFactory
from tests.browser.page_steps import (
    BOOT,
    MID_CAPTION,
    WAIT_MS,
    WARM_UP,
    button,
    caption_region,
    caption_text,
    choose,
    choose_drawing,
    drawing,
    file,
    generate,
    held,
    hold,
    let_go,
    wait_until_running,
)


@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_in_any_state(open_warm_page: PageFactory, size: str) -> None:
    page = open_warm_page(viewport=SIZES[size], reduced_motion="reduce", script=held(WARM_UP)).page

    def states() -> Iterator[None]:
        """Go from state to state; each is at rest."""
        expect(page.get_by_text("Warming up the model")).to_be_visible(timeout=WAIT_MS)
        yield
        choose(page, file("notes.png", b"Dear diary"))
        expect(page.get_by_role("alert")).to_contain_text("notes.png")
        yield
        choose_drawing(page)
        yield
        button(page, "Generate caption").click()
        expect(page.get_by_role("progressbar", name="Progress")).to_be_visible()
        yield
        hold(page, MID_CAPTION)
        expect(caption_text(page)).not_to_be_empty(timeout=WAIT_MS)
        yield
        let_go(page)
        expect(button(page, "Copy")).to_be_visible(timeout=WAIT_MS)
        yield
        button(page, "Copy").click()
        expect(page.locator("#copied")).not_to_be_empty()
        yield

    for _ in states():
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert violations(page) == []
        assert page.evaluate(SMALL_TARGETS) == []


def test_keyboard_alone_suffices(open_warm_page: PageFactory) -> None:
    page = open_warm_page(script=held(BOOT)).page
    page.on("filechooser", lambda _: None)  # intercepted from now on; it takes a moment
    wait_until_running(page)
    tab_to(page, "files")
    outline = "getComputedStyle(document.querySelector('.choose')).outlineStyle"
    assert page.evaluate(outline) == "solid"
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files([file("keys.png", b"\x89PNG\r\n\x1a\n")])
    choose_drawing(page)
    tab_to(page, "model")
    tab_to(page, "generate")
    page.keyboard.press("Enter")
    assert focused(page) == "cancel"  # it stands where the other button was
    page.keyboard.press("Enter")
    assert focused(page) == "generate"
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    assert focused(page) == "generate"
    let_go(page)
    page.keyboard.press("Enter")
    expect(button(page, "Copy")).to_be_visible(timeout=WAIT_MS)
    assert focused(page) == "generate"
    tab_to(page, "copy")
    page.keyboard.press("Enter")
    expect(caption_region(page).get_by_text("Copied", exact=True)).to_be_visible()
    tab_to(page, "reset", "Shift+Tab")
    page.keyboard.press("Enter")
    assert focused(page) == "files"


def test_screen_reader_hears_the_caption_once(open_warm_page: PageFactory) -> None:
    page = open_warm_page().page
    choose_drawing(page)
    page.evaluate(
        """() => {
          const text = document.getElementById("caption");
          window.heard = [];
          new MutationObserver(() => {
            if (!text.hasAttribute("aria-busy")) window.heard.push(text.textContent);
          }).observe(text, { childList: true, attributes: true });
        }"""
    )
    caption = generate(page)
    assert set(page.evaluate("window.heard")) == {caption}
    expect(caption_text(page)).to_have_count(1)


def test_nothing_moves_for_those_who_asked(open_warm_page: PageFactory) -> None:
    page = open_warm_page(reduced_motion="reduce", script=held(BOOT)).page
    choose_drawing(page)
    button(page, "Generate caption").click()
    expect(page.get_by_role("progressbar", name="Progress")).to_be_visible()
    assert page.evaluate("document.getAnimations().length") == 0
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate("document.getAnimations().length") > 0


def test_forced_colours_keep_buttons_and_frame_visible(open_warm_page: PageFactory) -> None:
    page = open_warm_page(forced_colors="active").page
    choose_drawing(page)
    generate(page)
    for name in ("#frame", "#generate", "#copy", "#model", ".label"):
        border = f"getComputedStyle(document.querySelector('{name}')).borderTopWidth"
        assert page.evaluate(border) == "1px"


def test_the_keyboard_goes_on_beside_a_control_that_goes_away(open_warm_page: PageFactory) -> None:
    page = open_warm_page(script=held(BOOT)).page
    wait_until_running(page)
    choose(page, file("one.png", drawing()), file("two.png", drawing()))
    expect(page.get_by_role("heading", name="2 images")).to_be_visible()
    page.locator("#keep-no").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#keep-note")).to_be_hidden()
    assert focused(page) == "to-rows"
    page.evaluate(
        """async () => {
          const { grantSite } = await import("./page/endpoint/grants.mjs");
          await grantSite("https://one.example");
        }"""
    )
    page.locator("#programs > summary").click()
    page.get_by_role("button", name="Revoke: https://one.example").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#granted-sites")).to_have_text("None yet.")
    expect(page.locator("body")).not_to_be_focused()
    page.goto(page.url.split("#")[0] + "#library")
    page.get_by_role("button", name="Keep captions on this device").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("There are no captions here yet")).to_be_visible()
    expect(page.locator("#kept > summary")).to_be_focused()
    assert page.title() == "Library · Seesay"
