"""The page's Python in one file: each file of its own costs a request before the page is usable."""

from __future__ import annotations

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


def bundle(site: Path) -> None:
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
