"""Steps that people take on the page, for the browser tests."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import FilePayload, Locator, Page, expect

from tools.files import new_file

WAIT_MS = 300_000  # for a first caption on a slow and busy machine
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
    """Choose files with the file input: all by their contents, or all by their paths."""
    paths = [one for one in files if isinstance(one, Path)]  # the browser reads them, not we
    payloads = [one for one in files if not isinstance(one, Path)]
    assert not (paths and payloads)
    page.get_by_label("Choose images").set_input_files(paths or payloads)


def choose_drawing(page: Page, name: str = "drawing.png") -> None:
    """Choose a good image and wait until it is in the frame."""
    choose(page, file(name, drawing()))
    expect(page.get_by_text(name, exact=True)).to_be_visible()


def wait_until_running(page: Page) -> None:
    """Wait until the page hears what people do."""
    expect(page.locator("body[data-running]")).to_be_attached()


def wait_until_kept(page: Page) -> None:
    """Wait until the page needs no network any more: all is kept, loaded, and said.

    That is for tests that ask for the service worker: ``open_page(service_workers="allow")``.
    """
    expect(page.get_by_text("Ready for offline use")).to_be_visible(timeout=WAIT_MS)
    expect(page.locator("#warmup")).to_be_empty(timeout=WAIT_MS)  # the model is loaded
    page.evaluate(
        """() => navigator.serviceWorker.controller !== null || new Promise((resolve) =>
          navigator.serviceWorker.addEventListener("controllerchange", () => resolve(true)))"""
    )


WORKER_GATE = """{
  let isHeld, gate, open = () => {};
  globalThis.hold = (test) => {
    open();
    isHeld = test;
    gate = new Promise((resolve) => (open = resolve));
  };
  hold(() => false);
  const pass = async (message, deliver) => {
    if (isHeld(message)) await gate;
    deliver();
  };
  globalThis.Worker = class extends Worker {
    postMessage(message, transfer) {
      pass(message, () => super.postMessage(message, transfer));
    }
    set onmessage(listener) {
      super.onmessage = (event) => pass(event.data, () => listener(event));
    }
  };
}"""
"""A script for ``new_context`` and ``open_page``: messages between page and worker can be held up,
so that what a test needs to be under way is under way, however fast the machine is."""

BOOT = "({ kind }) => kind === 'init'"
WARM_UP = "({ kind }) => kind === 'load' || kind === 'caption'"
MID_CAPTION = """((tokens) => ({ kind, payload }) => kind === 'token' ? ++tokens > 2
  : kind === 'done' && 'caption' in payload)(0)"""
MODELS_LISTED = "({ kind, payload }) => kind === 'done' && 'models' in payload"


def held(messages: str) -> str:
    """Return WORKER_GATE, and hold up these messages from the start."""
    return f"{WORKER_GATE}\nhold({messages});"


NO_CAPTIONER = held(BOOT)
"""A script for pages that are asked for no caption: their captioner never starts, which takes two
thirds of the work of a first caption."""


def hold(page: Page, messages: str) -> None:
    """Hold up these messages, on a page with WORKER_GATE; let others that were held up go on."""
    page.evaluate(f"hold({messages})")


def let_go(page: Page) -> None:
    """Let go on what was held up."""
    hold(page, "() => false")


def expect_preview(page: Page) -> None:
    """Wait until the browser knows the image in the frame: heat maps take its shape."""
    expect(page.locator("#preview")).not_to_have_js_property("naturalWidth", 0)


def button(page: Page, name: str) -> Locator:
    """Return a button by its accessible name."""
    return page.get_by_role("button", name=name, exact=True)


def caption_region(page: Page) -> Locator:
    """Return the region that shows the caption."""
    return page.get_by_role("region", name="Caption")


def caption_text(page: Page) -> Locator:
    """Return the element that the caption is written into."""
    return caption_region(page).get_by_role("status").and_(page.locator("#caption"))


def choose_model(page: Page, name: str) -> None:
    """Open the list of models where it is closed, choose one, and close it again."""
    field = page.locator(f"#model-choices input[value='{name}']")
    if not field.is_visible():
        page.locator("#model").click()
    field.check(timeout=WAIT_MS)
    page.locator("#model").click()


def generate(page: Page) -> str:
    """Generate a caption, wait for it and return it."""
    button(page, "Generate caption").click()
    expect(button(page, "Copy")).to_be_visible(timeout=WAIT_MS)
    caption = caption_text(page).text_content()
    assert caption
    return caption


def change_file(site: Path, url: str, content: bytes) -> None:
    """Change a file of a built site and make that a version of its own, as a build would.

    The service worker's script comes last and at once: browsers may look at any moment.
    """
    script = site / "service_worker.js"
    text = script.read_text(encoding="utf-8")
    assets = json.loads((site / "assets.json").read_text(encoding="utf-8"))
    entries = (entry for name in ("boot", "runtime", "model") for entry in assets[name])
    entry = next(entry for entry in entries if entry["url"] == url)
    digest = hashlib.sha256(content).hexdigest()
    text = text.replace(entry["sha256"], digest)
    entry.update(sha256=digest, size_bytes=len(content))
    version = f"{assets['version']}.{digest[:8]}"
    text = text.replace(assets["version"], version)
    assets["version"] = version
    (site / url).write_bytes(content)
    (site / "assets.json").write_text(json.dumps(assets), encoding="utf-8")
    with new_file(script) as fresh:
        fresh.write_text(text, encoding="utf-8")


def watch_shifts(page: Page, *, since_start: bool = False) -> None:
    """Note whatever moves on the page, from now on or since it was opened."""
    page.evaluate(
        """async (buffered) => {
          // What was caused so far has been drawn after the second frame from here.
          for (const _ of [1, 2]) await new Promise(requestAnimationFrame);
          window.shifts = {};
          window.shiftWatch = new PerformanceObserver((list) => {
            for (const { value, sources } of list.getEntries()) {
              const moved = sources.map(({ node, previousRect: a, currentRect: b }) => {
                const name = node?.id || node?.className || node?.parentElement?.className;
                return `${name} from ${a.top} to ${b.top}, ${a.height} to ${b.height} high`;
              });
              const what = moved.join("; ");
              window.shifts[what] = (window.shifts[what] ?? 0) + value;
            }
          });
          window.shiftWatch.observe({ type: "layout-shift", buffered });
        }""",
        since_start,
    )


def shifts(page: Page) -> dict[str, float]:
    """Return what moved, and how much of the window (0 to 1, as layout shifts are counted)."""
    found: dict[str, float] = page.evaluate("window.shifts")
    return found
