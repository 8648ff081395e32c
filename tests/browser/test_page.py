"""The page: from an image to a copied caption, and what it says when something is wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import FIXTURES, ContextFactory, PageFactory
from tests.browser.page_steps import (
    BOOT,
    FORMATS,
    MID_CAPTION,
    MODELS_LISTED,
    WAIT_MS,
    WORKER_GATE,
    button,
    caption_region,
    caption_text,
    change_file,
    choose,
    choose_drawing,
    drawing,
    file,
    generate,
    held,
    hold,
    let_go,
    shifts,
    wait_until_kept,
    wait_until_running,
    watch_shifts,
)
from tools.server import SiteServer

TRANSFER = """
  const transfer = new DataTransfer();
  for (const [name, bytes] of files) {
    transfer.items.add(new File([new Uint8Array(bytes)], name));
  }
"""


def transfer(page: Page, kind: str, *files: tuple[str, bytes]) -> None:
    """Drop files on the page's heading, or paste them."""
    event = {
        "drop": "new DragEvent('drop', {dataTransfer: transfer, bubbles: true, cancelable: true})",
        "paste": "new ClipboardEvent('paste', "
        "{clipboardData: transfer, bubbles: true, cancelable: true})",
    }[kind]
    script = f"(files) => {{ {TRANSFER} document.querySelector('h1').dispatchEvent({event}); }}"
    page.evaluate(script, [[name, list(content)] for name, content in files])


def test_useful_before_any_script(new_context: ContextFactory, isolated_server: SiteServer) -> None:
    context, _ = new_context(allowed=(isolated_server.url,), java_script_enabled=False)
    page = context.pages[0]
    page.goto(isolated_server.url)
    expect(page.get_by_label("Choose images")).to_be_enabled()
    expect(page.get_by_text("Drop an image here")).to_be_visible()
    expect(page.locator("summary", has_text="Model:")).to_be_visible()
    expect(caption_region(page)).to_be_visible()


def test_file_chosen_before_python_runs_is_not_lost(
    new_context: ContextFactory, isolated_server: SiteServer
) -> None:
    context, _ = new_context(allowed=(isolated_server.url,))
    page = context.pages[0]
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/app.py", hold)
    with page.expect_request("**/app.py"):
        page.goto(isolated_server.url)
    choose(page, file("early.png", drawing()))
    held[0].continue_()
    expect(page.get_by_text("early.png", exact=True)).to_be_visible()


def test_image_to_copied_caption(open_page: PageFactory) -> None:
    opened = open_page(permissions=["clipboard-read", "clipboard-write"])
    page = opened.page
    expect(button(page, "Generate caption")).to_be_disabled()
    choose_drawing(page)
    expect(page.get_by_role("img", name="Your image: drawing.png")).to_be_visible()
    expect(page.get_by_text("PNG, 320 × 240")).to_be_visible()
    caption = generate(page)
    region = caption_region(page)
    expect(region.get_by_role("meter", name="Confidence")).to_be_visible()
    expect(region.get_by_text(re.compile(r"(sure|guess): \d+ %"))).to_be_visible()
    expect(region.get_by_text(re.compile(r"^\d+(\.\d)? seconds, \w"))).to_be_visible()
    expect(page.get_by_role("img", name=caption)).to_be_visible()
    button(page, "Copy").click()
    expect(region.get_by_text("Copied", exact=True)).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == caption


def test_shows_what_is_happening_and_the_words_as_they_come(open_page: PageFactory) -> None:
    page = open_page(script=held(BOOT)).page
    page.evaluate(
        """() => {
          const seen = (window.seen = { words: [], doing: [], bars: [] });
          new MutationObserver(() => {
            seen.words.push(document.getElementById("caption").textContent);
            seen.doing.push(document.getElementById("doing").textContent);
            for (const bar of document.querySelectorAll("progress")) seen.bars.push(bar.position);
          }).observe(document.querySelector("main"), { subtree: true, childList: true });
        }"""
    )
    choose_drawing(page)
    button(page, "Generate caption").click()
    expect(page.get_by_role("progressbar", name="Progress")).to_be_visible()
    let_go(page)
    expect(button(page, "Copy")).to_be_visible(timeout=WAIT_MS)
    expect(page.get_by_role("progressbar")).to_have_count(0)
    seen = page.evaluate("window.seen")
    caption = caption_text(page).text_content()
    parts = [words for words in seen["words"] if words]
    assert len(set(parts)) > 2
    assert parts[-1] == caption
    texts = " ".join(seen["doing"])
    assert "Loading the runtime" in texts
    assert "Reading the image" in texts
    assert "Writing" in texts
    assert any(0 < position < 1 for position in seen["bars"])


@pytest.mark.parametrize("kind", ["drop", "paste"])
def test_drop_anywhere_and_paste(open_warm_page: PageFactory, kind: str) -> None:
    page = open_warm_page().page
    transfer(page, kind, ("arrived.png", drawing()))
    expect(page.get_by_text("arrived.png", exact=True)).to_be_visible()
    generate(page)


@pytest.mark.parametrize("kind", ["drop", "paste"])
def test_something_else_than_a_file(open_warm_page: PageFactory, kind: str) -> None:
    page = open_warm_page().page
    wait_until_running(page)
    transfer(page, kind)
    expect(page.get_by_role("alert")).to_contain_text("no image file")
    choose_drawing(page)
    expect(page.get_by_role("alert")).to_be_empty()


def test_folder_from_the_file_manager(open_warm_page: PageFactory, tmp_path: Path) -> None:
    opened = open_warm_page()
    inner = tmp_path / "holiday" / "beach"
    inner.mkdir(parents=True)
    (inner / "deep.png").write_bytes(drawing())
    wait_until_running(opened.page)
    session = opened.context.new_cdp_session(opened.page)
    dragged = {"items": [], "files": [str(tmp_path / "holiday")], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        event = {"type": kind, "x": 200, "y": 20, "data": dragged}
        session.send("Input.dispatchDragEvent", event)
    expect(opened.page.get_by_text("deep.png", exact=True)).to_be_visible()


def test_dragging_over_the_page_is_answered(open_warm_page: PageFactory) -> None:
    page = open_warm_page().page
    over = "document.body.dispatchEvent(new DragEvent('{}', {{bubbles: true, cancelable: true}}))"
    page.evaluate(over.format("dragover"))
    expect(page.locator("body")).to_have_class("dragging")
    page.evaluate(over.format("dragleave"))
    expect(page.locator("body")).not_to_have_class("dragging")


def test_every_format_by_content_not_by_name(open_warm_page: PageFactory) -> None:
    page = open_warm_page().page
    for file_format in FORMATS:
        name = f"really-{file_format.lower()}.txt"
        choose(page, file(name, drawing(file_format)))
        expect(page.get_by_text(name, exact=True)).to_be_visible()
        expect(page.get_by_text(re.compile(f"^{file_format}, "))).to_be_visible()
        generate(page)
        expect(page.get_by_text(f"{file_format}, 320 × 240")).to_be_visible()


FOREIGN = {
    "letter.jpg": (b"%PDF-1.7\n", "PDF file"),
    "holiday.heic": (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "HEIC file"),
    "clip.png": (b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2", "a film"),
    "logo.svg": (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG file"),
    "notes.png": (b"Dear diary", "not an image"),
    "nothing.png": (b"", "is empty"),
}


def test_foreign_files_get_a_sentence_each_and_the_app_goes_on(open_warm_page: PageFactory) -> None:
    page = open_warm_page().page
    alert = page.get_by_role("alert")
    for name, (content, reason) in FOREIGN.items():
        choose(page, file(name, content))
        expect(alert).to_contain_text(f"“{name}”")
        expect(alert).to_contain_text(reason)
        expect(button(page, "Generate caption")).to_be_disabled()
    choose_drawing(page)
    expect(alert).to_be_empty()
    generate(page)


def test_too_large_a_file_is_refused_before_it_is_read(
    open_warm_page: PageFactory, tmp_path: Path
) -> None:
    page = open_warm_page().page
    huge = tmp_path / "huge.png"
    with huge.open("wb") as out:
        out.write(drawing())
        out.truncate(5_000_000_000)  # sparse; MicroPython's integers would wrap at 2 GiB
    choose(page, huge)
    expect(page.get_by_role("alert")).to_contain_text("larger than the limit of 256 MB")
    choose_drawing(page)


def test_too_many_pixels_and_broken_images_get_a_sentence(open_warm_page: PageFactory) -> None:
    page = open_warm_page().page
    bomb = bytearray(drawing("BMP"))
    bomb[18:26] = (30_000).to_bytes(4, "little") + (20_000).to_bytes(4, "little")
    broken = drawing("PNG")[:40] + b"\0" * 400
    for name, content, reason in (
        ("bomb.bmp", bytes(bomb), re.compile("30000 x 20000")),
        ("broken.png", broken, re.compile("broken|damaged|cannot be")),
    ):
        choose(page, file(name, content))
        expect(page.get_by_text(name, exact=True)).to_be_visible()
        button(page, "Generate caption").click()
        expect(page.get_by_role("alert")).to_contain_text(reason, timeout=WAIT_MS)
        expect(button(page, "Copy")).to_be_hidden()
        expect(button(page, "Generate caption")).to_be_enabled()
    choose_drawing(page)
    generate(page)


def test_reset_forgets_the_image_and_its_caption(open_warm_page: PageFactory) -> None:
    page = open_warm_page().page
    choose_drawing(page)
    generate(page)
    button(page, "Reset").click()
    expect(page.get_by_text("Drop an image here")).to_be_visible()
    expect(caption_text(page)).to_be_empty()
    expect(button(page, "Generate caption")).to_be_disabled()
    expect(button(page, "Copy")).to_be_hidden()
    expect(page.get_by_label("Choose images")).to_be_focused()
    choose_drawing(page)  # the same file again
    generate(page)


def test_cancel_while_the_runtime_loads_and_in_a_caption(open_page: PageFactory) -> None:
    page = open_page(script=held(BOOT)).page
    choose_drawing(page)

    def cancel() -> None:
        button(page, "Cancel").click()
        expect(button(page, "Generate caption")).to_be_visible()
        expect(page.get_by_role("progressbar")).to_have_count(0)
        expect(caption_text(page)).to_be_empty()
        expect(page.get_by_text("Stopped.")).to_be_attached()

    button(page, "Generate caption").click()
    expect(page.get_by_text("Loading the runtime").first).to_be_visible()
    cancel()
    hold(page, MID_CAPTION)
    button(page, "Generate caption").click()
    expect(caption_text(page)).not_to_be_empty(timeout=WAIT_MS)
    cancel()
    let_go(page)
    first = generate(page)
    assert generate(page) == first


def test_new_image_overtakes_the_caption_in_work(open_warm_page: PageFactory) -> None:
    page = open_warm_page(script=held(MID_CAPTION)).page
    choose_drawing(page, "old.png")
    button(page, "Generate caption").click()
    expect(caption_text(page)).not_to_be_empty(timeout=WAIT_MS)
    choose_drawing(page, "new.png")
    expect(button(page, "Generate caption")).to_be_visible()
    expect(caption_text(page)).to_be_empty()
    let_go(page)
    generate(page)
    expect(page.get_by_text("new.png", exact=True)).to_be_visible()


def test_choice_made_at_once_after_another_replaces_it(open_warm_page: PageFactory) -> None:
    page = open_warm_page().page
    wait_until_running(page)
    page.evaluate(
        f"""(files) => {{
          const drop = (files) => {{
            {TRANSFER}
            const dropped = {{ dataTransfer: transfer, bubbles: true, cancelable: true }};
            document.body.dispatchEvent(new DragEvent("drop", dropped));
          }};
          for (const file of files) drop([file]);
        }}""",
        [[name, list(drawing())] for name in ("first.png", "second.png")],
    )
    expect(page.get_by_text("second.png", exact=True)).to_be_visible()
    expect(page.get_by_role("alert")).to_be_empty()


def guess_note(page: Page) -> tuple[Locator, Locator]:
    """Return what a guess alone has: why it is one, and a word for how sure it is."""
    region = caption_region(page)
    note = region.get_by_text("This is a guess: among drawings, the starter knows emoji")
    return note, region.get_by_text(re.compile("^A guess: "))


def test_guess_is_called_a_guess_and_models_listed_late_add_but_the_lead(
    open_page: PageFactory, private_server: SiteServer
) -> None:
    config = json.dumps({"confidence_threshold": 1.1})  # more than any caption has
    change_file(private_server.folder, "models/starter/seesay.json", config.encode())
    page = open_page(server=private_server, script=held(MODELS_LISTED)).page
    choose_drawing(page)
    generate(page)
    for part in guess_note(page):
        expect(part).to_be_visible()
    button(page, "Copy").click()
    copied = caption_region(page).get_by_text("Copied", exact=True)
    expect(copied).to_be_visible()
    expect(page.locator("#suggested-model")).to_be_hidden()
    let_go(page)
    expect(page.locator("#suggested-model")).to_be_visible()
    expect(copied).to_be_visible()


def test_sure_caption_is_not_called_a_guess(open_warm_page: PageFactory) -> None:
    page = open_warm_page().page
    choose(page, FIXTURES / "scenes-128" / "5-a-bee-on-a-street.png")
    assert generate(page) == "a bee on a street"
    note, words = guess_note(page)
    expect(note).to_be_hidden()
    expect(words).to_have_count(0)


def test_careful_search_gives_candidates_to_choose_from(open_warm_page: PageFactory) -> None:
    page = open_warm_page(permissions=["clipboard-read", "clipboard-write"]).page
    choose_drawing(page)
    page.get_by_label("Writing").select_option("careful")
    best = generate(page)
    region = caption_region(page)
    others = page.locator("#others").get_by_role("button")
    expect(region.get_by_text("Also possible")).to_be_visible()
    texts = others.all_text_contents()
    assert 1 <= len(texts) <= 3
    assert best not in texts
    others.first.click()
    expect(caption_text(page)).to_have_text(texts[0])
    expect(region.get_by_text(re.compile(r"Your choice: \d+ %"))).to_be_visible()
    expect(region.get_by_role("button", name=best, exact=True)).to_be_visible()
    button(page, "Copy").click()
    expect(region.get_by_text("Copied", exact=True)).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == texts[0]


def test_diagnostics_for_a_report(open_warm_page: PageFactory) -> None:
    page = open_warm_page().page
    page.get_by_text("Diagnostics", exact=True).click()
    expect(page.get_by_text('"cross_origin_isolated": true')).to_be_visible(timeout=WAIT_MS)
    memory = page.get_by_text(
        re.compile(r"^Peak memory: \d+ MB\. The model: \d+ MB; Python: \d+ MB\.$")
    )
    choose_drawing(page)
    generate(page)  # fills the panel anew
    expect(memory).to_be_visible()


@pytest.mark.parametrize("command_works", [True, False])
def test_copy_without_the_clipboard_interface(
    open_warm_page: PageFactory, command_works: bool
) -> None:
    page = open_warm_page().page
    page.evaluate(
        """(works) => {
          Object.defineProperty(navigator, "clipboard", { value: undefined });
          if (!works) document.execCommand = () => false;
        }""",
        command_works,
    )
    choose_drawing(page)
    caption = generate(page)
    button(page, "Copy").click()
    says = "Copied" if command_works else "did not allow it. The words are selected"
    expect(caption_region(page).get_by_text(says)).to_be_visible()
    assert page.evaluate("getSelection().toString().trim()") == caption.strip()


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_jumps(open_page: PageFactory, width: int) -> None:
    size = {"width": width, "height": 640 if width < 700 else 800}
    page = open_page(viewport=size, service_workers="allow").page
    watch_shifts(page, since_start=True)
    choose_drawing(page)
    expect(button(page, "Generate caption")).to_be_in_viewport(ratio=1)  # nobody searches for it
    page.mouse.move(0, 0)
    generate(page)
    expect(button(page, "Copy")).to_be_in_viewport(ratio=1)
    expect(caption_text(page)).to_be_in_viewport(ratio=1)
    expect(page.locator("#preview")).to_be_in_viewport(ratio=0.4)
    wait_until_kept(page)  # the last thing that the page says by itself
    assert sum(shifts(page).values()) < 0.02, shifts(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_was_there_stays_when_the_next_caption_is_stopped_or_the_next_image_comes(
    open_warm_page: PageFactory,
) -> None:
    page = open_warm_page(script=WORKER_GATE).page
    page.evaluate("localStorage.setItem('seesay-library', 'on')")
    choose_drawing(page)
    caption = generate(page)
    page.locator("#workbench > summary").click()
    page.get_by_label("Alt text", exact=True).fill("A sun that I drew.")
    hold(page, MID_CAPTION)
    button(page, "Generate caption").click()
    button(page, "Cancel").click()
    expect(caption_text(page)).to_have_text(caption)
    let_go(page)
    page.get_by_label("Alt text", exact=True).press_sequentially(" Last year.")  # nobody leaves it
    choose_drawing(page, "next.png")
    page.goto(page.url.split("#")[0] + "#library")
    expect(page.locator(".tile-text")).to_have_text("A sun that I drew. Last year.")
