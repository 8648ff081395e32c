"""The version, which pyproject.toml alone has."""

from __future__ import annotations

import tomllib
from importlib import metadata
from pathlib import Path


def _version() -> str:
    # In a checkout the file itself counts: an older Seesay may be installed beside it.
    project = Path(__file__).resolve().parent.parent / "pyproject.toml"
    if project.is_file():
        return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])
    return metadata.version("seesay")


__version__ = _version()
