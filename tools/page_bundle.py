"""The page's Python in one file: each file of its own costs a request before the page is usable."""

from __future__ import annotations

import json
from pathlib import Path

_WRITE = """\
# Made from the files in web/: their texts are written where MicroPython imports them from.
for _name, _text in {modules!r}:
    with open(_name, "w") as _file:
        _file.write(_text)
"""


def bundle(site: Path) -> None:
    """Put the modules that pyscript.json lists into app.py, and take them out of the site."""
    configuration = json.loads((site / "pyscript.json").read_text(encoding="utf-8"))
    files = [site / place for place in configuration.pop("files")]
    modules = [(file.name, file.read_text(encoding="utf-8")) for file in files]
    app = site / "app.py"
    text = _WRITE.format(modules=modules) + app.read_text(encoding="utf-8")
    app.write_text(text, encoding="utf-8")
    (site / "pyscript.json").write_text(json.dumps(configuration), encoding="utf-8")
    for file in files:
        file.unlink()
