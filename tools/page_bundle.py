"""The page's Python in one file: each file of its own costs a request before the page is usable."""

from __future__ import annotations

from pathlib import Path

APP = "page/app.py"
_WRITE = """\
# Made from the files below page/: their texts are written where MicroPython imports them from.
import os
for _folder in {folders!r}:
    os.mkdir(_folder)
for _name, _text in {modules!r}:
    with open(_name, "w") as _file:
        _file.write(_text)
"""


def bundle(site: Path) -> None:
    """Put the modules of the package ``page`` into its app.py, and take them out of the site."""
    app = site / APP
    files = sorted(file for file in app.parent.rglob("*.py") if file != app)
    folders = sorted({file.parent.relative_to(site).as_posix() for file in [app, *files]})
    modules = [(file.relative_to(site).as_posix(), file.read_text("utf-8")) for file in files]
    text = _WRITE.format(folders=folders, modules=modules) + app.read_text(encoding="utf-8")
    app.write_text(text, encoding="utf-8")
    for file in files:
        file.unlink()
