"""Steps that people take on the page, for the browser tests."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import FilePayload, Locator, Page, expect

WAIT_MS = 120_000  # for a first caption on a busy machine
expect.set_options(timeout=20_000)  # likewise, for everything else
FORMATS = ("JPEG", "PNG", "WebP", "GIF", "BMP", "TIFF", "AVIF")


def drawing(file_format: str = "PNG", *, size: tuple[int, int] = (320, 240)) -> bytes:
    """Return an image file of a sun over a field."""
    image = Image.new("RGB", size, "#bfe3ff")
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, size[1] * 2 // 3, *size), fill="#5fae57")
    pen.ellipse((size[0] * 3 // 4, 20, size[0] * 3 // 4 + 48, 68), fill="#ffd23f")
    out = io.BytesIO()
    image.save(out, file_format)
    return out.getvalue()


def file(name: str, content: bytes) -> FilePayload:
    """Return a file for the file input; its declared type tells nothing."""
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def choose(page: Page, *files: FilePayload | Path) -> None:
    """Choose files with the file input."""
    page.get_by_label("Choose images").set_input_files(list(files))


def choose_drawing(page: Page, name: str = "drawing.png") -> None:
    """Choose a good image and wait until it is in the frame."""
    choose(page, file(name, drawing()))
    expect(page.get_by_text(name, exact=True)).to_be_visible()


def wait_until_running(page: Page) -> None:
    """Wait until the page hears what people do."""
    expect(page.locator("body[data-running]")).to_be_attached()


def button(page: Page, name: str) -> Locator:
    """Return a button by its accessible name."""
    return page.get_by_role("button", name=name, exact=True)


def caption_region(page: Page) -> Locator:
    """Return the region that shows the caption."""
    return page.get_by_role("region", name="Caption")


def caption_text(page: Page) -> Locator:
    """Return the element that the caption is written into."""
    return caption_region(page).get_by_role("status")


def generate(page: Page) -> str:
    """Generate a caption, wait for it and return it."""
    button(page, "Generate caption").click()
    expect(button(page, "Copy")).to_be_visible(timeout=WAIT_MS)
    caption = caption_text(page).text_content()
    assert caption
    return caption


def change_file(site: Path, url: str, content: bytes) -> None:
    """Change a file of a built site and make that a version of its own, as a build would."""
    script = site / "service_worker.js"
    text = script.read_text(encoding="utf-8")
    assets = json.loads((site / "assets.json").read_text(encoding="utf-8"))
    entries = (entry for name in ("boot", "runtime", "model") for entry in assets[name])
    entry = next(entry for entry in entries if entry["url"] == url)
    digest = hashlib.sha256(content).hexdigest()
    text = text.replace(entry["sha256"], digest)
    entry.update(sha256=digest, size_bytes=len(content))
    version = f"{assets['version']}.{digest[:8]}"
    script.write_text(text.replace(assets["version"], version), encoding="utf-8")
    assets["version"] = version
    (site / "assets.json").write_text(json.dumps(assets), encoding="utf-8")
    (site / url).write_bytes(content)
