"""The npm package as a developer has it: installed from the tarball, bundled by Vite, hosted."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import FIXTURES, ContextFactory
from tools import npm, npm_package
from tools.server import serve

PAGE = """<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
<body><script type="module" src="/main.js"></script>"""

MAIN = """
import { createCaptioner } from "seesay";

const captioner = createCaptioner({ baseUrl: "/seesay/", numThreads: 1 });
fetch("/drawing.png")
  .then((response) => response.blob())
  .then((file) => captioner.caption(file))
  .then(({ caption }) => document.body.append(caption));
"""


def install(site: Path, folder: Path) -> Path:
    """Return a project that has the package of a site, from the tarball, and hosts its assets."""
    npm_package.make(site, folder / "layout")
    with tarfile.open(npm_package.pack(folder / "layout", folder)) as archive:
        archive.extractall(folder, filter="data")
    project = folder / "project"
    installed = project / "node_modules" / "seesay"
    installed.parent.mkdir(parents=True)
    (folder / "package").rename(installed)
    run(project, installed / "copy-assets.mjs", "public/seesay")
    return project


def run(folder: Path, *command: str | Path) -> None:
    """Run a script in Node.js, which must have nothing to say."""
    done = subprocess.run(
        [npm.node(), *command], cwd=folder, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_page_bundled_by_vite_captions(
    site_dir: Path, tmp_path: Path, new_context: ContextFactory
) -> None:
    case = json.loads((FIXTURES / "starter" / "pytorch.json").read_text())[0]
    project = install(site_dir, tmp_path)
    (project / "index.html").write_text(PAGE)
    (project / "main.js").write_text(MAIN)
    shutil.copy(FIXTURES / "scenes-128" / case["image"], project / "public" / "drawing.png")
    run(project, npm.package("vite") / "bin" / "vite.js", "build", "--logLevel=warn")
    with serve(project / "dist", isolated=False) as server:
        page = new_context(allowed=(server.url,))[0].pages[0]
        page.goto(server.url)
        expect(page.get_by_text(case["text"], exact=True)).to_be_visible()
