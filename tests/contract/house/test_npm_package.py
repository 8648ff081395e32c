"""The npm package: what a bundler and a type checker find in it, and what a site hosts of it."""

from __future__ import annotations

import json
import subprocess
import tarfile
from pathlib import Path

import pytest

from tools import npm, npm_package
from tools.project import ROOT, BuildError, version

CONSUMER = """
import { createCaptioner, SeesayError, type CaptionResult } from "seesay";

const captioner = createCaptioner({ baseUrl: "/seesay/", numThreads: 1 });
export const { caption, confidence }: CaptionResult = await captioner.caption(new Blob([]));
export const code: string = new SeesayError("input", "no").code;
// @ts-expect-error there is no such option
createCaptioner({ threads: 1 });
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project that has installed the packed tarball of a small site."""
    folder = tmp_path_factory.mktemp("npm")
    site = folder / "site"
    (site / "api").mkdir(parents=True)
    for source in (*(ROOT / "web").glob("seesay.*"), *(ROOT / "web" / "api").glob("*.mjs")):
        (site / source.relative_to(ROOT / "web")).write_bytes(source.read_bytes())
    others = {
        "worker/captioner/boot.mjs": "boot",
        "runtime/python.pack": "python",
        "runtime/pyscript/core.js": "the page's",
        "models/starter/config.json": "{}",
        "index.html": "the page",
        "page/app.py": "the page",
        "service_worker.js": "the page's",
        "site.json": "{}",
        "licences.html": "licences",
    }
    for name, text in others.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text)
    entries = [{"url": name, "size_bytes": 1, "sha256": ""} for name in others]
    (site / "assets.json").write_text(json.dumps({"version": "1", "boot": entries}))
    npm_package.make(site, folder / "package")
    tarball = npm_package.pack(folder / "package", folder)
    project = folder / "project"
    with tarfile.open(tarball) as archive:
        archive.extractall(project / "node_modules", filter="data")
    (project / "node_modules" / "package").rename(project / "node_modules" / "seesay")
    return project


def test_assets_are_those_that_the_worker_fetches(installed: Path) -> None:
    package = installed / "node_modules" / "seesay"
    hosted = installed / "public" / "seesay"
    command: list[str | Path] = [npm.node(), package / "copy-assets.mjs", hosted]
    subprocess.run(command, check=True)
    found = {path.relative_to(hosted).as_posix() for path in hosted.rglob("*") if path.is_file()}
    assert found == {
        "assets.json",
        "licences.html",
        "models/starter/config.json",
        "runtime/python.pack",
        "site.json",
        "worker/captioner/boot.mjs",
    }
    listed = json.loads((hosted / "assets.json").read_text())
    assert {entry["url"] for entry in listed["boot"]} == found - {"assets.json"}
    assert subprocess.run(command[:2], capture_output=True, check=False).returncode == 2


def test_modules_are_found_by_name(installed: Path) -> None:
    code = 'import("seesay").then(({ createCaptioner }) => console.log(typeof createCaptioner))'
    done = subprocess.run(
        [npm.node(), "-e", code], cwd=installed, capture_output=True, text=True, check=True
    )
    assert done.stdout == "function\n"


def test_types_are_found_by_name(installed: Path) -> None:
    (installed / "main.ts").write_text(CONSUMER)
    compiler = npm.package("typescript") / "bin" / "tsc"
    options = ["--noEmit", "--strict", "--target", "es2022", "--lib", "es2022,dom"]
    options += ["--module", "esnext", "--moduleResolution", "bundler"]
    (installed / "package.json").write_text('{"type": "module"}')
    done = subprocess.run(
        [npm.node(), compiler, *options, "main.ts"],
        cwd=installed,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_the_manifest_has_the_version(installed: Path) -> None:
    manifest = json.loads((installed / "node_modules" / "seesay" / "package.json").read_text())
    assert manifest["version"] == version()


def test_what_is_no_site_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="no built site"):
        npm_package.make(tmp_path, tmp_path / "out")
