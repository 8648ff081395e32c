"""A page with Seesay and Transformers.js side by side, on the same model files and images.

with open_lab({"vit-gpt2": folder}, images) as lab:
    lab.run("await lab.seesay.start(a)", {...})
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Playwright, sync_playwright

from models.random_model import write_vit_gpt2
from pycore.models.layouts import FLORENCE2_PATHS
from tests.browser.hub import LocalHub
from tools import chromium, npm, site
from tools.project import cache_dir
from tools.server import SiteServer, serve

PAGES = Path(__file__).parent / "pages"
PHOTOS = Path(__file__).parents[1] / "fixtures" / "photos"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
VENDOR = {
    "vendor/transformers": ("@huggingface/transformers", ("dist/transformers.min.js",)),
    "vendor/ort": (
        "transformers-onnxruntime-web",
        (
            "dist/ort-wasm-simd-threaded.asyncify.mjs",
            "dist/ort-wasm-simd-threaded.asyncify.wasm",
        ),
    ),
}
PAGE_TIMEOUT_MS = 30 * 60_000


@dataclass
class Lab:
    """The page and what it can ask.

    Attributes:
        server: of the site and, under ``bench/``, of pages, models and Transformers.js.
        hub: has the models as ``bench/<name>``, because Seesay takes unknown models from hubs only.
    """

    page: Page
    server: SiteServer
    hub: LocalHub

    def run(self, body: str, argument: Any = None) -> Any:
        """Run the body of an async function of ``a`` in the page."""
        return self.page.evaluate(f"async (a) => {{ {body} }}", argument)

    def seesay_settings(self, name: str, threads: int) -> dict[str, Any]:
        """What ``lab.seesay.start`` needs for a model of the lab."""
        return {"model": reference(name), "hub": self.hub.url, "numThreads": threads}

    def rival_settings(self, name: str, threads: int) -> dict[str, Any]:
        """What ``lab.rival.start`` needs for a model of the lab."""
        return {"folder": f"models/{name}", "numThreads": threads}


def reference(name: str) -> str:
    """Return what Seesay calls a model of the lab."""
    return f"bench/{name}@{COMMIT}"


@contextmanager
def open_lab(
    models: Mapping[str, Path], images: Mapping[str, bytes], *, site_dir: Path | None = None
) -> Iterator[Lab]:
    """Build the site, add the lab to it, and open its page in Chromium.

    Args:
        models: folders in hub layout by the name that the lab gives them.
        images: files by name.
        site_dir: a built site; None builds one.
    """
    with (
        tempfile.TemporaryDirectory(prefix="bench.", dir=cache_dir()) as scratch,
        sync_playwright() as playwright,
    ):
        folder = Path(scratch) / "site"
        if site_dir is None:
            site.build(site.SiteOptions(out=folder))
        else:
            shutil.copytree(site_dir, folder)
        furnish(folder, models, images)
        with (
            LocalHub.start() as hub,
            serve(folder) as server,
            _open_page(playwright, server, Path(scratch)) as page,
        ):
            publish(hub, models)
            yield Lab(page, server, hub)


def furnish(folder: Path, models: Mapping[str, Path], images: Mapping[str, bytes]) -> None:
    """Add the lab's pages, models, images and Transformers.js to a built site."""
    bench = folder / "bench"
    shutil.copytree(PAGES, bench)
    npm.ensure("test")
    for place, (package, files) in VENDOR.items():
        (bench / place).mkdir(parents=True)
        for file in files:
            shutil.copy(npm.package(package) / file, bench / place)
    for name, source in models.items():
        shutil.copytree(source, bench / "models" / name)
    (bench / "images").mkdir()
    for name, data in images.items():
        (bench / "images" / name).write_bytes(data)


def publish(hub: LocalHub, models: Mapping[str, Path]) -> None:
    """Put the models on the hub."""
    for name, source in models.items():
        files = {path: source / path for path in FLORENCE2_PATHS if (source / path).is_file()}
        hub.add(f"bench/{name}", COMMIT, files)


def open_lab_page(page: Page, server: SiteServer) -> None:
    """Go to the lab and wait until its script has run."""
    # Transformers.js makes scripts from blobs, which the site's policy forbids; isolation stays.
    server.extra_headers.pop("Content-Security-Policy", None)
    page.goto(server.url + "bench/lab.html")
    page.wait_for_function("globalThis.lab")


@contextmanager
def _open_page(playwright: Playwright, server: SiteServer, scratch: Path) -> Iterator[Page]:
    context = playwright.chromium.launch_persistent_context(
        scratch / "profile", executable_path=chromium.ensure(), args=chromium.FLAGS
    )
    try:
        page = context.pages[0]
        page.set_default_timeout(PAGE_TIMEOUT_MS)
        page.on("pageerror", lambda error: print(f"page error: {error}", flush=True))
        open_lab_page(page, server)
        yield page
    finally:
        context.close()


def random_model() -> Path:
    """Return ViT-GPT2 with random weights, made once."""
    folder = cache_dir() / "models" / "random-vit-gpt2"
    if not (folder / "onnx" / "encoder_model_quantized.onnx").is_file():
        print("Making ViT-GPT2 with random weights; this takes minutes ...", flush=True)
        write_vit_gpt2(folder)
    return folder


def photographs() -> dict[str, bytes]:
    """Return the photographs of the tests, by file name."""
    files = sorted(PHOTOS.glob("*.png")) + sorted(PHOTOS.glob("*.jpg"))
    return {file.name: file.read_bytes() for file in files}
