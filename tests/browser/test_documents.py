"""The documents' view: a blog's zip gets its alt text, and nothing else in it changes."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.accessibility import looked_through
from tests.browser.page_steps import WAIT_MS, drawing, file, wait_until_running
from tests.unit.documents.document_samples import BLOG, unzipped, zipped

POST = "blog/_posts/2024-05-01-sea.md"
FILES = {
    name: drawing() if name.endswith((".png", ".JPG")) else data for name, data in BLOG.items()
}


def _open(page: Page, *files) -> None:
    page.get_by_label("Open documents").set_input_files(list(files))


def _saved(page: Page) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("button", name="Save with").click()
    return Path(download.value.path()).read_bytes()


def test_a_blog_gets_its_alt_text(open_warm_page) -> None:
    page = open_warm_page().page
    wait_until_running(page)
    page.get_by_role("link", name="Alt text for documents").click()
    expect(page.get_by_role("heading", name="Alt text for documents")).to_be_focused()
    expect(page.get_by_label("Choose images")).not_to_be_visible()
    _open(page, file("blog.zip", zipped(FILES)))
    expect(page.get_by_text("4 of 6 images need words.")).to_be_visible(timeout=WAIT_MS)
    rows = page.locator(".document-row")
    expect(rows).to_have_count(4)
    expect(rows.nth(1)).to_contain_text("An hour later image slept.")
    expect(rows.locator("img:visible")).to_have_count(4)

    page.get_by_role("button", name="Write drafts").click()
    expect(page.get_by_text("4 of 4 drafts written.")).to_be_visible(timeout=WAIT_MS)
    draft = rows.nth(1).get_by_role("textbox").input_value()
    assert draft.endswith(".")
    # A draft counts once it has been read; who writes has read.
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_disabled()
    rows.nth(0).get_by_role("textbox").fill("A [red] boat & a gull")
    rows.nth(1).get_by_label("I have read it").check()
    rows.nth(3).get_by_label("Decoration").check()
    expect(page.get_by_role("button", name="Save with 3 changes")).to_be_enabled()
    about, post = FILES["blog/about.html"], FILES[POST]
    assert unzipped(_saved(page)) == {
        **FILES,
        POST: post.replace(b"![](..", rb"![A \[red\] boat & a gull](..").replace(
            b"![IMG_2.JPG]", f"![{draft}]".encode()
        ),
        "blog/about.html": about.replace(b"<img srcset", b'<img alt="" srcset'),
    }

    assert looked_through(page) == []
    page.go_back()
    expect(page.get_by_label("Choose images")).to_be_attached()
    expect(rows.first).not_to_be_visible()


def test_files_without_their_pictures_folders_and_what_is_no_document(
    open_warm_page, tmp_path: Path
) -> None:
    page = open_warm_page(path="#documents").page
    wait_until_running(page)
    _open(page, file("a.png", drawing()))
    expect(page.get_by_text("There is no document")).to_be_visible(timeout=WAIT_MS)
    _open(page, file("b.zip", b"no zip"))
    expect(page.get_by_text("b.zip is not a zip file")).to_be_visible(timeout=WAIT_MS)
    _open(
        page, file("page.html", b"\xef\xbb\xbf<p>Our dog <img src='far/x.png'>"), file("c.md", b"")
    )
    expect(page.get_by_text("1 of 1 image needs words.")).to_be_visible(timeout=WAIT_MS)
    row = page.locator(".document-row")
    expect(row).to_contain_text("not among the files")
    row.get_by_label("Choose the picture").set_input_files(file("x.png", drawing()))
    expect(row.locator("img")).to_be_visible()
    page.get_by_role("button", name="Write drafts").click()
    expect(page.get_by_text("1 of 1 draft written.")).to_be_visible(timeout=WAIT_MS)
    page.get_by_role("button", name="Use all drafts").click()
    expect(page.get_by_text("1 is a guess and waits until you have read it.")).to_be_visible()
    row.get_by_label("I have read it").check()
    words = row.get_by_role("textbox").input_value()
    text = f"\ufeff<p>Our dog <img alt=\"{words}\" src='far/x.png'>"
    assert _saved(page) == text.encode()

    for name, data in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    page.get_by_label("Open a folder").set_input_files(tmp_path / "blog")
    expect(page.get_by_text("4 of 6 images need words.")).to_be_visible(timeout=WAIT_MS)
    expect(row.locator("img:visible")).to_have_count(4)
