"""Words where people need them: the workbench, files with words in them, exports."""

from __future__ import annotations

import zipfile
from base64 import b64decode, b64encode
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageChops
from playwright.sync_api import Page, expect

from pycore.metadata import read_metadata
from tests.browser.accessibility import looked_through
from tests.browser.conftest import PageFactory
from tests.browser.page_steps import (
    WAIT_MS,
    button,
    choose,
    choose_drawing,
    drawing,
    file,
    generate,
    wait_until_running,
)
from tests.contract.metadata.metadata_judges import exiftool


def open_workbench(page: Page) -> None:
    page.locator("#workbench > summary").click()
    expect(page.get_by_label("Alt text", exact=True)).to_be_visible()


def test_alt_text_is_checked_while_it_is_written_and_copied_as_html(
    open_warm_page: PageFactory,
) -> None:
    page = open_warm_page(permissions=["clipboard-read", "clipboard-write"]).page
    choose_drawing(page, "my drawing.png")
    caption = generate(page)
    field = page.get_by_label("Alt text", exact=True)
    expect(field).to_be_hidden()  # the first view stays calm
    open_workbench(page)
    expect(field).to_have_value(caption[0].upper() + caption[1:] + ".")
    checks = page.get_by_role("list", name="Checks")
    expect(checks).to_have_text("Nothing to object to.")
    field.fill('Image of a "man"')
    expect(checks).to_contain_text("Starts with “Image of”.")
    expect(page.get_by_text("16 of 125 characters")).to_be_visible()
    page.get_by_label("Inclusive wording").check()
    expect(field).to_have_value('Image of a "person"')
    for part in page.locator("#workbench .more > summary").all():
        part.click()
    button(page, "Save into the image …").click()
    expect(page.get_by_role("list", name="Before and after")).not_to_be_empty()
    assert looked_through(page) == []
    button(page, "Save into the image …").click()
    page.get_by_label("Copy as").select_option("HTML")
    button(page, "Copy alt text").click()
    expect(page.locator("#alt-copied")).to_have_text("Copied")
    assert (
        page.evaluate("navigator.clipboard.readText()")
        == '<img src="my%20drawing.png" alt="Image of a &quot;person&quot;">'
    )


# As far as a page sees a drag that leaves the browser: what it hands to it.
DRAG = """async (button) => {
  const dataTransfer = new DataTransfer();
  button.dispatchEvent(new DragEvent("dragstart", { dataTransfer, bubbles: true }));
  const [type, name, ...address] = dataTransfer.getData("DownloadURL").split(":");
  const response = await fetch(address.join(":"));
  return [type, name, [...new Uint8Array(await response.arrayBuffer())]];
}"""


def test_words_saved_into_a_file_are_read_by_others_and_by_the_page(
    open_warm_page: PageFactory, tmp_path: Path
) -> None:
    page = open_warm_page().page
    original = drawing("JPEG")
    choose(page, file("field.jpg", original))
    generate(page)
    open_workbench(page)
    page.get_by_label("Alt text", exact=True).fill("A sun over a field.")
    button(page, "Save into the image …").click()
    before_and_after = page.get_by_role("list", name="Before and after")
    expect(before_and_after).to_contain_text("Alt text: nothing → “A sun over a field.”")
    save = button(page, "Download a copy")
    save.hover()
    expect(save).to_have_attribute("draggable", "true")
    media_type, name, dragged = save.evaluate(DRAG)
    with page.expect_download() as download:
        save.click()
    copy = tmp_path / download.value.suggested_filename
    download.value.save_as(copy)
    assert (media_type, name) == ("image/jpeg", "field.jpg")
    # Each says to the second when it was made.
    assert read_metadata(bytes(dragged)) == read_metadata(copy.read_bytes())
    assert len(dragged) == copy.stat().st_size
    assert copy.name == "field.jpg"
    (told,) = exiftool([copy])
    assert told["XMP-iptcCore:AltTextAccessibility"] == "A sun over a field."
    assert told["XMP-photoshop:CaptionWriter"] == "Seesay, starter; reviewed"
    (tmp_path / "original.jpg").write_bytes(original)
    with Image.open(copy) as one, Image.open(tmp_path / "original.jpg") as other:
        assert not ImageChops.difference(one, other).getbbox()

    button(page, "Reset").click()
    choose(page, copy)
    expect(page.locator("#in-file")).to_have_text("This file has alt text: “A sun over a field.”")


def test_words_of_a_list_go_out_as_a_zip_and_come_back_from_the_table(
    open_warm_page: PageFactory, tmp_path: Path
) -> None:
    page = open_warm_page().page
    choose(page, file("a.jpg", drawing("JPEG")), file("b.png", drawing("PNG")))
    button(page, "Generate caption").click()
    expect(page.locator("#all-doing")).to_have_text("2 captions", timeout=WAIT_MS)
    page.get_by_text("Export, import, and which images are captioned").click()
    for form in ("A text file beside each image", "The images, with their words inside"):
        page.get_by_label(form).check()
    with page.expect_download() as download:
        button(page, "Export").click()
    expect(page.get_by_text("Downloaded: captions.zip, 2 images.")).to_be_visible()
    download.value.save_as(tmp_path / "captions.zip")
    with zipfile.ZipFile(tmp_path / "captions.zip") as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    assert sorted(found) == ["a.jpg", "a.txt", "b.png", "b.txt", "captions.csv"]
    alt_text = found["a.txt"].decode().strip()
    assert read_metadata(found["a.jpg"]).alt_text == alt_text
    assert read_metadata(found["b.png"]).caption_writer == "Seesay, starter; not reviewed"

    head, row, other = found["captions.csv"].decode("utf-8-sig").splitlines()
    row = row.replace(alt_text, "A sun over a field.")
    table = file("edited.csv", f"{head}\n{row}\n{other}".encode())
    page.locator("#table-file").set_input_files(table)
    expect(page.get_by_text("1 image changed, 1 the same.")).to_be_visible()
    open_workbench(page)
    field = page.get_by_label("Alt text", exact=True)
    expect(field).to_have_value("A sun over a field.")
    field.fill("My own words.")
    page.locator("#table-file").set_input_files(table)
    expect(page.get_by_text("1 conflict to decide")).to_be_visible()
    button(page, "Take the table's: a.jpg").click()
    expect(field).to_have_value("A sun over a field.")


FOLDER = """async (files) => {
  const root = await navigator.storage.getDirectory();
  const trip = await root.getDirectoryHandle("trip", { create: true });
  const given = new DataTransfer();
  for (const [path, text] of Object.entries(files)) {
    const parts = path.split("/");
    let folder = trip;
    for (const name of parts.slice(0, -1)) {
      folder = await folder.getDirectoryHandle(name, { create: true });
    }
    const handle = await folder.getFileHandle(parts.at(-1), { create: true });
    const writable = await handle.createWritable();
    await writable.write(Uint8Array.fromBase64(text));
    await writable.close();
    given.items.add(await handle.getFile());
  }
  window.showDirectoryPicker = async () => trip;
  document.dispatchEvent(new DragEvent("drop", { dataTransfer: given, bubbles: true }));
}"""
"""Files of the browser's own file system: real handles, which no person must choose."""
READ = """async (path) => {
  let folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("trip");
  const parts = path.split("/");
  for (const name of parts.slice(0, -1)) folder = await folder.getDirectoryHandle(name);
  const file = await (await folder.getFileHandle(parts.at(-1))).getFile();
  return new Uint8Array(await file.arrayBuffer()).toBase64();
}"""


def test_words_of_a_list_are_saved_into_the_files_of_a_folder(open_warm_page: PageFactory) -> None:
    page = open_warm_page().page
    files = {"a.jpg": drawing("JPEG"), "sub/b.png": drawing("PNG"), "c.gif": drawing("GIF")}
    wait_until_running(page)
    page.evaluate(FOLDER, {path: b64encode(data).decode() for path, data in files.items()})
    expect(page.locator("#gallery-title")).to_have_text("3 images")
    button(page, "Generate caption").click()
    expect(page.locator("#all-doing")).to_have_text("3 captions", timeout=WAIT_MS)
    page.get_by_text("Export, import, and which images are captioned").click()
    button(page, "Save into the files").click()
    button(page, "Choose the folder").click()
    expect(page.locator("#save-all-said")).to_contain_text("into 2 files")
    expect(page.locator("#save-all-notes")).to_contain_text("c.gif: ")
    now = {path: b64decode(page.evaluate(READ, path)) for path in files}
    assert now["c.gif"] == files["c.gif"]
    for path in ("a.jpg", "sub/b.png"):
        assert read_metadata(now[path]).caption_writer == "Seesay, starter; not reviewed"
        with Image.open(BytesIO(now[path])) as one, Image.open(BytesIO(files[path])) as other:
            assert not ImageChops.difference(one, other).getbbox()
    # What was saved is the page's file now: it can be saved once more.
    button(page, "Save into the files").click()
    page.locator("#confirm-yes").click()
    expect(page.locator("#save-all-said")).to_contain_text("into 2 files")
