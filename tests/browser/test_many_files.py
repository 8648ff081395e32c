"""Whole folders and long lists: what counts as a file, which rows there are, and no timers."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.accessibility import SIZES, violations
from tests.browser.conftest import OpenPage, PageFactory
from tests.browser.page_steps import (
    WAIT_MS,
    button,
    choose,
    drawing,
    file,
    wait_until_running,
)

TINY = drawing(size=(16, 12))


def drop(opened: OpenPage, *paths: Path) -> None:
    """Drop files and folders as a file manager does."""
    session = opened.context.new_cdp_session(opened.page)
    dragged = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        event = {"type": kind, "x": 200, "y": 20, "data": dragged}
        session.send("Input.dispatchDragEvent", event)


def write(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(TINY)


def names(page: Page) -> list[str]:
    """Return what the rows call their images."""
    return page.locator("bdi.row-name").all_text_contents()


def test_folders_are_sorted_and_rid_of_litter(open_warm_page: PageFactory, tmp_path: Path) -> None:
    opened = open_warm_page()
    page = opened.page
    wait_until_running(page)
    one = tmp_path / "one"
    write(one, "only\u202egnp.png", ".DS_Store", "Thumbs.db", "desktop.ini", "._only.png")
    drop(opened, one)
    expect(page.locator("bdi#file-name")).to_have_text("only\u202egnp.png")
    expect(page.locator("#gallery")).to_be_hidden()
    expect(page.locator("#announcer")).to_have_text("Image ready: \u2068only\u202egnp.png\u2069")

    many = tmp_path / "many"
    write(many, *(f"Scan {number}.png" for number in (10, 2, 1)), "more/Scan 2.png", ".DS_Store")
    drop(opened, many)
    expect(page.get_by_role("heading", name="4 images")).to_be_visible()
    assert names(page) == ["many/more/Scan 2.png", "Scan 1.png", "many/Scan 2.png", "Scan 10.png"]


def test_only_the_rows_in_view_exist(open_warm_page: PageFactory) -> None:
    page = open_warm_page(viewport=SIZES["phone"], reduced_motion="reduce").page
    wait_until_running(page)
    choose(page, *(file(f"{number}.png", TINY) for number in range(300, 0, -1)))
    expect(page.get_by_role("heading", name="300 images")).to_be_visible()
    rows = page.locator(".row")
    expect(rows).to_have_count(12)  # the list is out of view: some wait at its end
    expect(page.locator("#rows[aria-busy]")).to_have_count(0)
    openers = page.locator(".row-open")
    openers.first.focus()
    expect(rows.first).to_have_attribute("aria-posinset", "1")
    expect(rows.first).to_have_attribute("aria-setsize", "300")
    expect(rows.first.locator("img")).to_be_visible()

    page.keyboard.press("End")
    last = page.locator(".row[aria-posinset='300']")
    expect(last.locator(".row-open")).to_be_focused()
    expect(last).to_be_in_viewport(ratio=0.9)
    expect(last).to_contain_text("300.png")
    expect(last).to_contain_text("PNG, 16 × 12")  # its thumbnail was made
    assert rows.count() <= 24
    places = [
        int(place or 0) for place in rows.evaluate_all("all => all.map((r) => r.ariaPosInSet)")
    ]
    assert places == sorted(places)
    assert violations(page) == []
    page.evaluate("scrollTo(0, 0)")
    expect(page.locator(".row[aria-posinset='12']")).to_be_attached()
    expect(last.locator(".row-open")).to_be_focused()  # out of view, but not forgotten
    page.keyboard.press("ArrowUp")
    expect(page.locator(".row[aria-posinset='299'] .row-open")).to_be_focused()
    page.keyboard.press("Home")
    expect(page.locator(".row[aria-posinset='1'] .row-open")).to_be_focused()
    expect(page.locator(".row[aria-posinset='300']")).to_have_count(0)


def test_a_list_needs_no_timer_of_the_page(open_warm_page: PageFactory) -> None:
    """In a tab in the background, timers fire once a second, and then once a minute."""
    page = open_warm_page().page
    wait_until_running(page)
    page.evaluate(
        """() => {
          globalThis.setTimeout = globalThis.setInterval = () => 0;
          globalThis.requestAnimationFrame = globalThis.requestIdleCallback = () => 0;
        }"""
    )
    choose(page, *(file(f"{number}.png", TINY) for number in range(6)))
    expect(page.locator(".row[data-state=waiting]")).to_have_count(6)
    button(page, "Generate caption").click()
    expect(page.get_by_text("6 captions", exact=True).first).to_be_visible(timeout=WAIT_MS)


PASTE = """([selector, html]) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/html", html);
  clipboardData.setData("text/plain", "words");
  const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
  document.querySelector(selector).dispatchEvent(event);
  return event.defaultPrevented;
}"""
PICTURE = (
    '<p>Hello<img src="data:image/gif;base64,R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs="></p>'
)


def test_text_being_edited_keeps_what_is_pasted_and_html_gives_its_picture(
    open_warm_page: PageFactory,
) -> None:
    page = open_warm_page().page
    wait_until_running(page)
    page.evaluate(
        """() => document.querySelector("main").insertAdjacentHTML(
          "beforeend", '<textarea id="typed"></textarea><p id="told" contenteditable>text</p>')"""
    )
    for selector in ("#typed", "#told"):
        assert page.evaluate(PASTE, [selector, PICTURE]) is False
    expect(page.get_by_role("alert")).to_be_empty()
    assert page.evaluate(PASTE, ["h1", PICTURE]) is True
    expect(page.locator("#file-name")).to_have_text("image.gif")
    expect(page.locator("#file-facts")).to_have_text("GIF, 1 × 1, 35 bytes")


def test_what_is_dragged_within_the_page_is_no_concern_of_ours(open_warm_page: PageFactory) -> None:
    page = open_warm_page().page
    wait_until_running(page)
    drag = """(kinds) => kinds.map((kind) => {
      const event = new DragEvent(kind, {
        dataTransfer: new DataTransfer(), bubbles: true, cancelable: true,
      });
      document.querySelector("h1").dispatchEvent(event);
      return [event.defaultPrevented, document.body.className];
    })"""
    ignored = [False, ""]
    assert page.evaluate(drag, ["dragstart", "dragover", "drop", "dragend"]) == 4 * [ignored]
    expect(page.get_by_role("alert")).to_be_empty()
    assert page.evaluate(drag, ["dragover"]) == [[True, "dragging"]]
    assert page.evaluate(drag, ["drop"]) == [[True, ""]]
    expect(page.get_by_role("alert")).to_contain_text("no image file")
