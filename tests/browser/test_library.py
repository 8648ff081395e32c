"""The library: captions kept because a person said so, found again, reviewed, taken away."""

from __future__ import annotations

import io
import re
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from pycore.library.stdlib_database import StdlibDatabase
from pycore.metadata import ImageWords, write_metadata
from tests.browser.accessibility import violations
from tests.browser.conftest import PageFactory
from tests.browser.page_steps import (
    NO_CAPTIONER,
    WAIT_MS,
    button,
    choose,
    drawing,
    file,
    held,
    let_go,
    wait_until_running,
)
from tests.unit.helpers import run_sync
from tests.unit.library.library_samples import ORDER, new_database, new_image, new_library, words

TICK = ".tile[data-filled] .tile-check input"
CAPTIONED = "({ kind, payload }) => kind === 'done' && 'caption' in payload"
OPEN = ".tile[data-filled] .tile-open"
# Playwright runs it in documents, too, that may have no storage.
ALLOWED = "try { localStorage.setItem('seesay-library', 'on') } catch {}"
KEPT = """async () => {
  const names = [];
  for await (const name of (await navigator.storage.getDirectory()).keys()) names.push(name);
  for (const { name } of await indexedDB.databases()) {
    if (name.startsWith("seesay")) names.push(`database ${name}`); // PyScript has one, too
  }
  return [names, { ...localStorage }];
}"""


def library_file(folder: Path, count: int) -> Path:
    """Return a library of so many images, the first of them the oldest."""
    path = folder / "library.sqlite"
    database: StdlibDatabase = new_database(path)
    library = new_library(database)
    for number in range(count):
        out = io.BytesIO()
        Image.new("RGB", (60, 40), (number * 7 % 256, 120, 90)).save(out, "WEBP")
        picture = {"thumbnail": out.getvalue(), "thumbnail_type": "image/webp"}
        image_id = run_sync(library.images.add(new_image(number, **picture)))
        text = f"a dog on beach {number}" if number % 2 else f"a cat in garden {number}"
        run_sync(library.images.set_caption(image_id, words(text), ORDER))
    database.close()
    return path


def open_library(open_page: PageFactory, path: Path, count: int, script: str = "") -> Page:
    """Open the library, and import a file into it."""
    page = open_page(path="#library", script=f"{ALLOWED}\n{script}").page
    expect(page.get_by_text("There are no captions here yet")).to_be_visible()
    page.locator("#library-file").set_input_files(path)
    expect(page.locator("#library-count")).to_have_text(f"{count} images")
    return page


def tiles(page: Page) -> list[str]:
    return page.locator(".tile[data-filled] .tile-name").all_text_contents()


def test_captions_are_kept_once_a_person_says_so_and_gone_when_they_say_so(
    open_page: PageFactory,
) -> None:
    page = open_page().page
    wait_until_running(page)
    choose(page, file("sun.png", drawing()), file("field.png", drawing(size=(300, 200))))
    page.get_by_role("button", name="Generate caption").click()
    expect(page.locator("#all-doing")).to_have_text("2 captions", timeout=WAIT_MS)
    assert page.evaluate(KEPT) == [[], {}]
    page.get_by_role("button", name="Keep captions").click()
    page.get_by_role("link", name="Library").click()
    expect(page.locator("#library-count")).to_have_text("2 images")
    page.add_init_script(NO_CAPTIONER)  # it has captioned what it had to
    page.reload()  # the address has the view
    expect(page.locator("#library-count")).to_have_text("2 images")
    page.get_by_label("Find in the library").fill("sun.p")
    expect(page.locator("#library-count")).to_have_text("1 of 2 images")
    page.locator(OPEN).click()
    expect(page.get_by_role("heading", name="sun.png")).to_be_visible()
    assert re.fullmatch(r"#library/[0-9a-f]{64}", page.evaluate("location.hash"))
    page.get_by_label("Words (alt text)").fill("the sun over our field")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".tile-text")).to_have_text("the sun over our field")
    page.go_back()
    expect(page.get_by_role("heading", name="sun.png")).to_be_visible()
    expect(page.get_by_label("Words (alt text)")).to_have_value("the sun over our field")
    page.go_forward()
    page.locator("#kept summary").click()
    page.get_by_role("switch", name="Keep captions on this device").click()
    page.get_by_role("button", name="Delete all").click()
    expect(page.get_by_text("Nothing is kept on this device")).to_be_visible()
    assert page.evaluate(KEPT) == [[], {"seesay-library": "off"}]


def test_the_queue_goes_on_where_a_tab_left_it(open_page: PageFactory) -> None:
    page = open_page(path="#library", script=f"{ALLOWED}\n{held(CAPTIONED)}").page
    expect(page.get_by_text("There are no captions here yet")).to_be_visible()
    said = page.locator("#queue-said")
    bytes_ = [drawing(size=(300 + n, 200)) for n in range(3)]
    bytes_[0] = write_metadata(bytes_[0], ImageWords("Our house in May", keywords=("home",)))
    drawings = [file(f"{n}.png", content) for n, content in enumerate(bytes_)]
    page.get_by_label("Add images").set_input_files([*drawings, file("notes.txt", b"hello")])
    expect(said).to_have_text("0 of 3 images captioned.")
    expect(page.locator("#queue-notes")).to_contain_text("“notes.txt” is not an image")
    expect(page.locator(".tile[data-job='waiting']")).to_have_count(2)
    button(page, "Pause").click()  # the image in work goes back to its place
    expect(said).to_have_text("3 images are waiting.")
    expect(page.locator(".tile[data-job='waiting']")).to_have_count(3)
    page.evaluate("location.hash = ''")
    page.reload()  # the first view says so, too
    expect(page.locator("#waiting-note")).to_contain_text("3 images wait in the library")
    let_go(page)
    button(page, "Go on").click()
    expect(said).to_have_text("Done: 3 captions.", timeout=WAIT_MS)
    expect(page.locator(".tile[data-job='done'] .tile-text:not(:empty)")).to_have_count(3)
    page.wait_for_function(f"async () => !(await ({KEPT})())[0].includes('seesay-originals')")
    page.get_by_label("Find in the library").fill("may home")  # words that the file carries
    expect(page.locator("#library-count")).to_have_text("1 of 3 images")
    expect(page.locator(".tile-text")).to_have_text("Our house in May")
    expect(page.locator(".tile .tile-state")).to_have_text("From the file")


def test_review_by_keyboard_search_and_undo(open_page: PageFactory, tmp_path: Path) -> None:
    page = open_library(open_page, library_file(tmp_path, 300), 300, NO_CAPTIONER)
    assert len(tiles(page)) < 100  # those in view alone exist
    page.get_by_label("Find in the library").press_sequentially("bea 29")
    expect(page.locator("#library-count")).to_have_text("6 of 300 images")
    page.get_by_role("button", name="Review 300").click()
    expect(page.locator("#image-place")).to_have_text("1 of 300")
    for key, place in (("Enter", 2), ("2", 3), ("d", 4), ("ArrowLeft", 3)):
        page.keyboard.press(key)
        expect(page.locator("#image-place")).to_have_text(f"{place} of 300")
    expect(page.locator("#image-state")).to_have_text("Decorative")
    page.keyboard.press("u")
    expect(page.locator("#image-state")).to_have_text("Automatic")
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_label("Words (alt text)")).to_have_value("a dog on beach 1 at sunset")
    page.go_back()  # to the list, not through all that was reviewed
    expect(page.locator("#library-count")).to_have_text("298 of 300 images")
    page.locator(TICK).first.check()
    page.locator(TICK).nth(1).check()
    page.get_by_label("Find in the library").fill("nowhere")
    expect(page.locator("#selected-count")).to_have_text("2 selected, not in this list")
    page.get_by_label("Find in the library").fill("")
    expect(page.locator("#selected-count")).to_have_text("2 selected")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete").last.click()
    expect(page.locator("#library-count")).to_have_text("296 of 298 images")
    expect(page.locator("#selection")).to_be_hidden()


def test_one_tab_has_it_and_another_takes_over(open_page: PageFactory, tmp_path: Path) -> None:
    page = open_library(open_page, library_file(tmp_path, 3), 3, NO_CAPTIONER)
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.get_by_text("open in another tab")).to_be_visible()
    expect(other.locator(".tile[data-filled]")).to_have_count(3)  # it is read there, too
    expect(other.locator("#review")).to_be_hidden()
    other.get_by_role("button", name="Use it here").click()
    expect(other.locator("#library-notice")).to_be_hidden()
    expect(other.locator("#review")).to_be_visible()
    expect(page.get_by_text("Another tab has taken over")).to_be_visible()
    other.locator(TICK).first.check()
    other.get_by_role("button", name="Delete").click()
    other.get_by_role("button", name="Delete").last.click()
    expect(other.locator("#library-count")).to_have_text("2 images")
    expect(page.locator("#library-count")).to_have_text("2 images")  # told of by the other tab
    with other.expect_download() as told:
        other.locator("#kept summary").click()
        other.get_by_role("button", name="Export").click()
    assert re.fullmatch(r"seesay-library-[\d-]{10}\.sqlite", told.value.suggested_filename)
    assert Path(told.value.path()).read_bytes().startswith(b"SQLite format 3\0")


def test_axe_finds_nothing_in_list_and_image(open_page: PageFactory, tmp_path: Path) -> None:
    page = open_library(open_page, library_file(tmp_path, 4), 4, NO_CAPTIONER)
    page.locator(".filters summary").click()
    page.locator("#kept summary").click()
    page.locator(TICK).first.check()
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += violations(page)
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.locator(OPEN).first.click()
    expect(page.locator("#image-page")).to_be_visible()
    page.locator(".image-more summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    assert found + violations(page) == []
