"""What the page is made of, in few files: each of its own costs a request before it is usable."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from tools.project import ROOT

APP = "page/app.py"
SHARED = ("pycore/alt_text/*.py", "pycore/rules/wording.py")
"""What of the core answers while a person types: it runs in the page, too."""
_WRITE = """\
# Made from the files below page/ and some of the core's: their texts are written where MicroPython
# imports them from.
import os
for _folder in {folders!r}:
    os.mkdir(_folder)
for _name, _text in {modules!r}:
    with open(_name, "w") as _file:
        _file.write(_text)
"""

_STYLE = re.compile(r' *<link rel="stylesheet" href="([^"]+)">\n')
_SCRIPT = re.compile(r'<script type="module" src="([^"]+)">')
_PRELOAD = re.compile(r'<link rel="modulepreload" href="([^"]+)">')
_IMPORT = re.compile(r'(?:^|[;}])(?:import|export|\})[^"()]*?(?:from ?)?"(\.[^"]+)"', re.MULTILINE)


def bundle_styles(site: Path) -> None:
    """Put the stylesheets of index.html into the first of them."""
    page = site / "index.html"
    text = page.read_text(encoding="utf-8")
    first, *others = [site / name for name in _STYLE.findall(text)]
    sheets = [sheet.read_text(encoding="utf-8") for sheet in (first, *others)]
    first.write_text("\n".join(sheets), encoding="utf-8")
    for sheet in others:
        sheet.unlink()
    links = list(_STYLE.finditer(text))
    page.write_text(text[: links[0].end()] + text[links[-1].end() :], encoding="utf-8")


def announce_scripts(site: Path) -> None:
    """Tell the browser of all scripts that index.html leads to, so that none waits for another."""
    page = site / "index.html"
    text = page.read_text(encoding="utf-8")
    config = json.loads((site / "pyscript.json").read_text(encoding="utf-8"))
    told = _PRELOAD.findall(text)
    begins = [*told, *_SCRIPT.findall(text), *map(posixpath.normpath, config["js_modules"]["main"])]
    missing = [name for name in _scripts(site, begins) if name not in told]
    links = "".join(f'    <link rel="modulepreload" href="{name}">\n' for name in missing)
    *_, last = _PRELOAD.finditer(text)
    end = text.index("\n", last.end()) + 1
    page.write_text(text[:end] + links + text[end:], encoding="utf-8")


def _scripts(site: Path, names: list[str]) -> Iterator[str]:
    """Yield the scripts of these names and what they import at their start, each once."""
    seen: set[str] = set()
    left = list(names)
    while left:
        name = left.pop(0)
        if name in seen or not (site / name).is_file():
            continue
        seen.add(name)
        yield name
        text = (site / name).read_text(encoding="utf-8")
        folder = posixpath.dirname(name)
        left += [posixpath.normpath(posixpath.join(folder, to)) for to in _IMPORT.findall(text)]


def bundle_python(site: Path) -> None:
    """Put all modules that the page imports into its app.py, and take its own out of the site."""
    app = site / APP
    files = sorted(file for file in app.parent.rglob("*.py") if file != app)
    modules = [(file.relative_to(site).as_posix(), file.read_text("utf-8")) for file in files]
    modules += shared()
    parents = {folder for name, _ in [(APP, ""), *modules] for folder in Path(name).parents}
    folders = sorted(folder.as_posix() for folder in parents if folder.name)
    text = _WRITE.format(folders=folders, modules=modules) + app.read_text(encoding="utf-8")
    app.write_text(text, encoding="utf-8")
    for file in files:
        file.unlink()


def shared() -> list[tuple[str, str]]:
    """Return name and text of the core's modules that the page runs itself."""
    files = sorted(file for pattern in SHARED for file in ROOT.glob(pattern))
    wanted = [file for file in files if file.name != "__init__.py"]  # MicroPython needs none
    return [(file.relative_to(ROOT).as_posix(), file.read_text("utf-8")) for file in wanted]
