"""Several images at once: the list, what fails alone, cancelling, copying, and the keyboard."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.accessibility import SIZES, SMALL_TARGETS, tab_to, violations
from tests.browser.conftest import FIXTURES, PageFactory
from tests.browser.page_steps import (
    BOOT,
    WAIT_MS,
    button,
    caption_region,
    caption_text,
    choose,
    choose_drawing,
    choose_model,
    drawing,
    expect_preview,
    file,
    held,
    let_go,
    shifts,
    wait_until_running,
    watch_shifts,
)
from tests.browser.test_page import transfer

SCENES = [  # as the list sorts them: numbers as numbers
    file(f"scene-{number}.png", (FIXTURES / "scenes" / f"scene-{number}.png").read_bytes())
    for number in (0, 4, 8, 10, 12, 14, 15)
]
CAT = file("cat.png", (FIXTURES / "photos" / "skimage_chelsea.png").read_bytes())
NOTES = file("notes.txt", b"Dear diary")
BROKEN = file("torn.png", drawing()[:40] + b"\0" * 400)


def rows(page: Page, state: str | None = None) -> Locator:
    """Return the rows of the list, or those in one state."""
    return page.locator(f".row[data-state={state}]" if state else ".row")


def opener(page: Page, index: int) -> Locator:
    """Return the button that shows a row's image."""
    return rows(page).nth(index).get_by_role("button").first


def choose_scenes(page: Page, count: int) -> None:
    choose(page, *SCENES[:count])
    expect(rows(page)).to_have_count(count)
    expect(page.locator("#rows[aria-busy]")).to_have_count(0)  # all have been looked at


def caption_all(page: Page) -> None:
    """Caption the list and wait until it is done."""
    button(page, "Generate caption").click()  # hidden from now on
    expect(button(page, "Generate caption")).to_be_visible(timeout=WAIT_MS)


def texts(page: Page) -> list[str]:
    """What the rows say: captions, or why there is none."""
    return page.locator(".row-text").all_text_contents()


# An icon that takes no number must not disturb anything.
BADGE = """
globalThis.badges = [];
navigator.setAppBadge = (count) => Promise.reject(badges.push(count));
"""


def test_each_image_ends_by_itself_and_all_can_be_copied(open_warm_page: PageFactory) -> None:
    clipboard = ["clipboard-read", "clipboard-write"]
    page = open_warm_page(permissions=clipboard, script=BADGE).page
    choose(page, BROKEN, SCENES[1], NOTES, SCENES[0])
    expect(page.get_by_role("heading", name="4 images")).to_be_visible()
    expect(rows(page, "waiting")).to_have_count(3)
    expect(rows(page, "failed")).to_contain_text("“notes.txt” is not an image")
    expect(rows(page).nth(1)).to_contain_text("PNG, 192 × 192, 56 KB")
    expect(page.get_by_role("alert")).to_be_empty()  # the image in the frame is a good one
    expect(button(page, "Copy all")).to_be_disabled()

    page.evaluate(
        """() => {
          window.told = [];
          const bar = document.getElementById("all-progress");
          new MutationObserver(() => told.push([bar.ariaValueText, bar.hidden]))
            .observe(bar, { attributes: true });
        }"""
    )
    button(page, "Generate caption").click()
    expect(page.get_by_text("2 captions, 2 failed", exact=True).first).to_be_visible(
        timeout=WAIT_MS
    )
    expect(page.get_by_role("progressbar")).to_have_count(0)
    told = [text for text, is_hidden in page.evaluate("told") if not is_hidden]
    assert told[0].startswith("1 of 4")  # what failed at once has ended
    assert "3 of 4" in told
    assert (page.evaluate("Math.max(...badges)"), page.evaluate("badges.at(-1)")) == (3, 0)
    expect(page.locator("#announcer")).to_have_text("2 captions, 2 failed")
    expect(rows(page).nth(3)).to_contain_text("damaged or incomplete")
    captions = texts(page)[1:3]
    expect(caption_text(page)).to_have_text(captions[0])

    copy = page.get_by_role("button", name=f"Copy caption of {SCENES[1]['name']}", exact=True)
    copy.click()
    expect(copy).to_have_text("Copied")
    expect(page.locator("#announcer")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == captions[1]
    button(page, "Copy all").click()
    expect(copy).to_have_text("Copy")
    expect(button(page, "Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").splitlines() == [
        f"{SCENES[i]['name']}\t{captions[i]}" for i in (0, 1)
    ]
    table = page.evaluate(
        "navigator.clipboard.read().then(async ([c]) => (await c.getType('text/html')).text())"
    )
    assert f"<tr><td>{SCENES[1]['name']}</td><td>{captions[1]}</td></tr>" in table


# As large photographs are.
DECODED_LATER = """
const opened = new Promise((open) => (globalThis.openGate = open));
const decode = HTMLImageElement.prototype.decode;
HTMLImageElement.prototype.decode = async function () {
  await opened;
  return decode.call(this);
};
"""


def test_captions_need_not_wait_for_the_frame(open_warm_page: PageFactory) -> None:
    page = open_warm_page(script=DECODED_LATER).page
    choose_scenes(page, 2)
    button(page, "Generate caption").click()  # clickable as soon as all are in the list
    expect(page.get_by_text("2 captions", exact=True).first).to_be_visible(timeout=WAIT_MS)
    expect(caption_text(page)).to_be_empty()  # the frame is empty, too
    page.evaluate("openGate()")
    expect(caption_text(page)).to_have_text(texts(page)[0])


def test_copy_all_without_the_clipboard_leaves_the_lines_selected(
    open_warm_page: PageFactory,
) -> None:
    page = open_warm_page().page
    page.evaluate(
        """() => {
          Object.defineProperty(navigator, "clipboard", { value: undefined });
          document.execCommand = () => false;
        }"""
    )
    choose_scenes(page, 2)
    caption_all(page)
    button(page, "Copy all").click()
    expect(page.get_by_text("did not allow it").first).to_be_visible()
    lines = page.get_by_label("All captions")
    expect(lines).to_be_focused()
    assert lines.input_value().splitlines() == [
        f"{scene['name']}\t{text}" for scene, text in zip(SCENES, texts(page), strict=False)
    ]


def test_cancel_keeps_what_is_done_and_the_rest_goes_on(open_warm_page: PageFactory) -> None:
    page = open_warm_page().page
    choose_scenes(page, 6)
    page.evaluate(
        """() => new MutationObserver((_, observer) => {
          if (!document.querySelector(".row[data-state=done]")) return;
          observer.disconnect();
          document.getElementById("cancel").click();
        }).observe(document.getElementById("rows"), { subtree: true, attributes: true })"""
    )
    caption_all(page)
    done = rows(page, "done").count()
    assert 1 <= done < 6
    expect(rows(page, "waiting")).to_have_count(6 - done)
    kept = texts(page)[:done]
    assert all(kept)

    choose(page, SCENES[6])  # more images join
    expect(rows(page)).to_have_count(7)
    expect(page.get_by_role("heading", name="7 images")).to_be_visible()
    caption_all(page)
    expect(rows(page, "done")).to_have_count(7)
    assert texts(page)[:done] == kept
    assert all(texts(page))


def test_images_dropped_meanwhile_join_the_work(open_warm_page: PageFactory) -> None:
    page = open_warm_page(script=held(BOOT)).page
    wait_until_running(page)
    transfer(page, "drop", *((scene["name"], scene["buffer"]) for scene in SCENES[:3]))
    expect(rows(page)).to_have_count(3)
    button(page, "Generate caption").click()
    transfer(page, "paste", (SCENES[3]["name"], SCENES[3]["buffer"]), ("notes.txt", b"Dear diary"))
    expect(rows(page)).to_have_count(5)
    let_go(page)
    expect(page.get_by_text("4 captions, 1 failed", exact=True).first).to_be_visible(
        timeout=WAIT_MS
    )


def test_a_row_shows_its_image_with_all_there_is_to_it(open_warm_page: PageFactory) -> None:
    page = open_warm_page().page
    choose_scenes(page, 3)
    page.get_by_label("Writing").select_option("careful")
    opener(page, 2).click()
    expect(page.locator("#file-name")).to_have_text(SCENES[2]["name"])
    expect(caption_region(page).get_by_text("when its turn comes")).to_be_visible()
    caption_all(page)
    best = texts(page)[2]
    expect(caption_text(page)).to_have_text(best)
    opener(page, 1).click()
    expect(caption_text(page)).to_have_text(texts(page)[1])
    expect(page.locator(".row [aria-current]")).to_have_count(1)
    expect(opener(page, 1)).to_have_attribute("aria-current", "true")

    opener(page, 2).click()
    expect(caption_text(page)).to_have_text(best)
    other = caption_region(page).get_by_role("listitem").get_by_role("button").first
    picked = other.text_content()
    other.click()
    expect(page.locator(".row-text").nth(2)).to_have_text(picked or "none")
    expect(rows(page).nth(2)).to_contain_text("Your choice")
    opener(page, 0).click()
    expect(caption_text(page)).to_have_text(texts(page)[0])
    opener(page, 2).click()
    expect(caption_text(page)).to_have_text(picked or "none")
    expect(caption_region(page).get_by_text("Your choice")).to_be_visible()

    button(page, "Where it looked").click()
    expect(page.locator(".word").first).to_be_visible(timeout=WAIT_MS)
    expect_preview(page)
    page.locator(".word").last.hover()
    expect(page.locator("#heat")).to_be_visible()


def test_the_list_by_keyboard(open_warm_page: PageFactory) -> None:
    page = open_warm_page(viewport=SIZES["phone"], script=held(BOOT)).page
    choose_scenes(page, 3)
    expect(button(page, "Generate caption")).to_be_enabled()
    page.locator("#reset").focus()
    tab_to(page, "to-rows")
    page.keyboard.press("Tab")
    expect(page.locator("#list-words > summary")).to_be_focused()
    page.keyboard.press("Tab")
    expect(opener(page, 0)).to_be_focused()
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert page.evaluate(outline) == "solid"
    for key, index in (("ArrowDown", 1), ("ArrowRight", 2), ("ArrowDown", 0), ("End", 2)):
        page.keyboard.press(key)
        expect(opener(page, index)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#file-name")).to_have_text(SCENES[2]["name"])
    expect(page.locator("#frame")).to_be_in_viewport(ratio=0.9)
    page.locator("#generate").focus()
    page.keyboard.press("Enter")
    expect(button(page, "Cancel")).to_be_focused()
    let_go(page)
    expect(button(page, "Generate caption")).to_be_focused(timeout=WAIT_MS)
    assert texts(page)[2] == caption_text(page).text_content()
    opener(page, 2).focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#announcer")).to_have_text(re.compile("Copied|did not allow"))


def test_reset_forgets_all_and_gives_the_memory_back(open_warm_page: PageFactory) -> None:
    page = open_warm_page(script=held(BOOT)).page
    wait_until_running(page)
    page.evaluate(
        """() => {
          const { createObjectURL: make, revokeObjectURL: revoke } = URL;
          window.held = new Set();
          URL.createObjectURL = (blob) => {
            const url = make(blob);
            window.held.add(url);
            return url;
          };
          URL.revokeObjectURL = (url) => (window.held.delete(url), revoke(url));
        }"""
    )
    choose_scenes(page, 4)
    expect(page.locator(".thumb img")).to_have_count(4)
    assert page.evaluate("held.size") == 5  # four thumbnails, and the image in the frame
    button(page, "Generate caption").click()
    expect(button(page, "Cancel")).to_be_visible()
    button(page, "Reset").click()
    expect(rows(page)).to_have_count(0)
    expect(page.get_by_role("heading", name="4 images")).to_be_hidden()
    expect(page.get_by_text("Drop an image here")).to_be_visible()
    assert page.evaluate("held.size") == 0
    choose_drawing(page)  # one image, as ever
    expect(page.locator("#gallery")).to_be_hidden()
    assert page.evaluate("held.size") == 1


def test_whatever_is_forgotten_before_its_work_begins(open_warm_page: PageFactory) -> None:
    """Handlers that start something, and Reset, before the page's Python can go on."""
    page = open_warm_page().page
    clicks = "(ids) => ids.forEach((id) => document.querySelector(id).click())"
    for ids in (["#generate"], ["#generate", "#cancel"], ["#generate", "#cancel", "#generate"]):
        choose_drawing(page)
        page.evaluate(clicks, [*ids, "#reset"])
        expect(page.get_by_text("Drop an image here")).to_be_visible()
        choose_scenes(page, 3)
        page.evaluate(clicks, [*ids, "#reset"])
        expect(rows(page)).to_have_count(0)
    choose_drawing(page)
    button(page, "Generate caption").click()
    expect(button(page, "Where it looked")).to_be_visible(timeout=WAIT_MS)
    page.evaluate(clicks, ["#look", "#reset"])
    choose_scenes(page, 3)
    page.evaluate(clicks, [".row:nth-child(3) .row-open", "#reset"])
    choose_scenes(page, 2)
    caption_all(page)
    page.evaluate(clicks, [".row-copy", "#reset"])
    expect(rows(page)).to_have_count(0)
    choose_scenes(page, 2)  # all is well
    caption_all(page)
    expect(rows(page, "done")).to_have_count(2)


@pytest.mark.parametrize("size", SIZES)
def test_nothing_jumps_while_captions_come(open_warm_page: PageFactory, size: str) -> None:
    page = open_warm_page(viewport=SIZES[size]).page
    choose(page, *SCENES[:5], CAT)
    expect(rows(page)).to_have_count(6)
    wait_until_running(page)
    expect(page.locator("#file-facts")).to_contain_text("×")  # the frame has the picture's shape
    expect_preview(page)
    watch_shifts(page)
    caption_all(page)
    expect(rows(page, "done")).to_have_count(6)
    assert sum(shifts(page).values()) < 0.02, shifts(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]


# Elsewhere the list's head sticks to an edge of the screen, and may cover half of a button there.
HEAD_IN_ITS_PLACE = """() => {
  const { top } = document.getElementById("rows").getBoundingClientRect();
  scrollBy(0, top - document.querySelector(".gallery-head").offsetHeight - 40);
}"""


@pytest.mark.parametrize(("size", "scheme"), [("phone", "dark"), ("desktop", "light")])
def test_axe_finds_nothing_in_list_card_and_panel(
    open_warm_page: PageFactory, size: str, scheme: Any
) -> None:
    page = open_warm_page(color_scheme=scheme, viewport=SIZES[size], reduced_motion="reduce").page
    wait_until_running(page)
    choose(page, SCENES[0], NOTES, CAT)
    expect(rows(page)).to_have_count(3)
    assert violations(page) == []
    caption_all(page)
    opener(page, 2).click()
    page.get_by_text("Diagnostics", exact=True).click()
    expect(page.get_by_text("Peak memory")).to_be_visible()
    choose_model(page, "vit-gpt2")
    expect(page.locator("#model-card")).to_be_visible()
    page.locator("#model").click()  # the list stays open
    page.evaluate(HEAD_IN_ITS_PLACE)
    assert violations(page) == []
    assert page.evaluate(SMALL_TARGETS) == []
