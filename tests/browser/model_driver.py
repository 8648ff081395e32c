"""Drives captioner.models in a page: a site, a hub that misbehaves, and a model of many pieces."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page

from pycore.models.layouts import DECODER_PATH, ENCODER_PATH, RUNTIME_PATHS
from tests.browser.conftest import FIXTURES, PATIENCE_MS
from tests.browser.hub import LocalHub
from tools.headers import content_security_policy
from tools.server import SiteServer, serve

COMMIT = "0123456789abcdef0123456789abcdef01234567"
MODEL = f"test/tiny@{COMMIT}"
PIECE_BYTES = 4 * 2**20
START = """async ({hub, model}) => {
  const { createCaptioner } = await import(new URL("seesay.mjs", location.href));
  window.progress = [];
  let awaited = [];
  const look = () => {
    const has = ({ size }) => progress.some(({ loaded }) => loaded >= size);
    for (const { resolve } of awaited.filter(has)) resolve();
    awaited = awaited.filter((one) => !has(one));
  };
  window.reached = (size) => new Promise((resolve) => {
    awaited.push({ size, resolve });
    look();
  });
  window.captioner = createCaptioner({ hub, numThreads: 1 });
  window.run = (what) => what.then(
    (value) => ({ value }),
    (error) => ({ error: { name: error.name, code: error.code, message: error.message } }),
  );
  window.download = () => captioner.models.download(model, {
    onProgress: (event) => {
      progress.push({ ...event, at: performance.now() });
      look();
    },
    signal: (window.controller = new AbortController()).signal,
  });
  await captioner.ready;
}"""


def model_files(padding: int = 9_000_000) -> dict[str, bytes]:
    """The tiny model, with an unknown protobuf field that makes its decoder large."""
    folder = FIXTURES / "tiny-model"
    files = {path: (folder / path).read_bytes() for path in RUNTIME_PATHS}
    for path, size in ((DECODER_PATH, padding), (ENCODER_PATH, padding // 8)):
        files[path] += padding_of(size)
    return files


def padding_of(size: int) -> bytes:
    """What makes a protobuf file larger, by about ``size`` bytes that do not compress.

    Protobuf field 1000, length-delimited: readers skip it.
    """
    data = random.Random(size).randbytes(size)
    return _varint(1000 << 3 | 2) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])


@contextmanager
def start_hub() -> Iterator[LocalHub]:
    """A hub that has the model as test/tiny."""
    with LocalHub.start() as hub:
        hub.large_bytes = 50_000
        hub.add("test/tiny", COMMIT, model_files())
        yield hub


@contextmanager
def serve_for(hub: LocalHub, site_dir: Path) -> Iterator[SiteServer]:
    """The site with a policy that lets it ask both origins of a hub."""
    with serve(site_dir, isolated=True) as server:
        allow(server, hub)
        yield server


def allow(server: SiteServer, hub: LocalHub) -> None:
    """Let a site's pages ask both origins of a hub."""
    policy = content_security_policy(hub.url).replace(hub.url, f"{hub.url} {hub.files_url}")
    server.extra_headers["Content-Security-Policy"] = policy


def add_hosted_model(folder: Path, contents: dict[str, bytes], part_bytes: int) -> None:
    """What ``build.py site --model`` adds to a site, for the model of these tests."""
    place = folder / "models" / "tiny"
    files = []
    for path, data in contents.items():
        parts = []
        for start in range(0, len(data), part_bytes):
            name = f"{path}.part{start // part_bytes:02}" if len(data) > part_bytes else path
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes(data[start : start + part_bytes])
            parts.append({"url": name, "size_bytes": len(data[start : start + part_bytes])})
        files.append({"path": path, "sha256": sha256(data).hexdigest(), "parts": parts})
    (place / "manifest.json").write_text(json.dumps({"files": files}), encoding="utf-8")
    settings = {"hub": None, "hosted": {MODEL: "models/tiny/manifest.json"}}
    (folder / "site.json").write_text(json.dumps(settings), encoding="utf-8")


class Driver:
    """One tab with a captioner.

    Args:
        context: of the browser.
        server: of the site.
        hub: the hub that the captioner asks.
    """

    def __init__(self, context: BrowserContext, server: SiteServer, hub: LocalHub) -> None:
        self.page: Page = context.new_page()
        # A page without an app of its own: what happens is what the test asks for.
        self.page.goto(server.url + "licences.html")
        self.page.evaluate(START, {"hub": hub.url, "model": MODEL})

    def run(self, expression: str) -> dict[str, Any]:
        """Await a promise of the captioner; how it ended."""
        result: dict[str, Any] = self.page.evaluate(f"run({expression})")
        return result

    def download(self) -> dict[str, Any]:
        """Download to the end; the status."""
        status: dict[str, Any] = self.value("download()")
        return status

    def value(self, expression: str) -> Any:
        """Await a promise that must not fail."""
        ended = self.run(expression)
        assert "error" not in ended, ended["error"]
        return ended["value"]

    def error(self, expression: str = "download()") -> dict[str, str]:
        """Await a promise that must fail."""
        ended = self.run(expression)
        assert "error" in ended, ended
        error: dict[str, str] = ended["error"]
        return error

    def status(self) -> dict[str, Any]:
        """The model's status."""
        status: dict[str, Any] = self.value(f"captioner.models.status({MODEL!r})")
        return status

    def begin_download(self) -> None:
        """Start a download and let it run."""
        self.page.evaluate("() => { window.ending = run(download()); }")

    def ending(self) -> dict[str, Any]:
        """How the download that was begun ended."""
        ended: dict[str, Any] = self.page.evaluate("ending")
        return ended

    def wait_for_bytes(self, size: int) -> None:
        """Wait until the download that was begun has reported so much."""
        self.page.evaluate(
            """([size, waitMs]) => Promise.race([
              reached(size),
              ending.then((end) => Promise.reject(new Error(`it ended: ${JSON.stringify(end)}`))),
              new Promise((_, reject) => {
                setTimeout(reject, waitMs, new Error(`at ${progress.at(-1)?.loaded} of ${size}`));
              }),
            ])""",
            [size, PATIENCE_MS],
        )

    def wait_for_turn(self) -> None:
        """Wait until the download that was begun stands behind another tab's."""
        self.page.evaluate(
            """async () => {
              while (!(await navigator.locks.query()).pending.length);
            }"""
        )

    def progress(self) -> list[dict[str, Any]]:
        """All progress so far."""
        events: list[dict[str, Any]] = self.page.evaluate("progress")
        return events

    def caption(self) -> str:
        """Caption a picture with the model: the proof that its files are whole."""
        text: str = self.value(
            f"""(async () => {{
              const canvas = new OffscreenCanvas(64, 64);
              canvas.getContext("2d").fillRect(8, 8, 20, 30);
              const image = await canvas.convertToBlob();
              const options = {{ model: {MODEL!r}, maxNewTokens: 4, numBeams: 1 }};
              return (await captioner.caption(image, options)).model.id;
            }})()"""
        )
        return text

    def export(self, target: Path) -> Path:
        """Save the model's zip, as a person would."""
        with self.page.expect_download() as download:
            self.value(
                f"""captioner.models.export({MODEL!r}).then((file) => {{
                  const link = document.createElement("a");
                  link.href = URL.createObjectURL(file);
                  link.download = file.name;
                  link.click();
                }})"""
            )
        download.value.save_as(target)
        return target

    def import_files(self, paths: list[Path]) -> dict[str, Any]:
        """Import the model from files, as a person would choose them."""
        self.page.evaluate(
            """() => {
              document.querySelector("input")?.remove();
              const input = document.createElement("input");
              Object.assign(input, { type: "file", multiple: true });
              document.body.append(input);
            }"""
        )
        self.page.locator("input").set_input_files(paths)
        status: dict[str, Any] = self.value(
            f"captioner.models.import({MODEL!r}, document.querySelector('input').files)"
        )
        return status
