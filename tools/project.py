"""Where things are, what is pinned, and the one error that build.py shows."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


class BuildError(Exception):
    """Something a person can put right; its text is the one sentence that build.py prints."""


@dataclass(frozen=True)
class NpmPackage:
    """A package of the npm registry, pinned by version and by the hash of its archive.

    Attributes:
        name: of its folder here; the registry's, unless two versions are needed side by side.
        version, integrity: the pin.
        source: what the registry calls it.
    """

    name: str
    version: str
    integrity: str
    source: str


@cache
def pyproject() -> dict[str, Any]:
    """Return pyproject.toml, the one place where versions stand."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def version() -> str:
    """Return Seesay's version."""
    return str(pyproject()["project"]["version"])


def settings() -> dict[str, Any]:
    """Return the table ``[tool.seesay]``."""
    table: dict[str, Any] = pyproject()["tool"]["seesay"]
    return table


def npm_packages(group: str) -> list[NpmPackage]:
    """Return the pinned npm packages of one group, ``site`` or ``test``."""
    pins = settings()["npm"][group]
    return [
        NpmPackage(name, pin["version"], pin["integrity"], pin.get("package", name))
        for name, pin in pins.items()
    ]


def cache_dir() -> Path:
    """Return the folder for downloads and build products: SEESAY_CACHE, or .cache in the repo."""
    chosen = os.environ.get("SEESAY_CACHE")
    folder = Path(chosen).expanduser().resolve() if chosen else ROOT / ".cache"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def shown(path: Path) -> str:
    """Return ``path`` as a person would type it: relative to the repository where it is inside."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
