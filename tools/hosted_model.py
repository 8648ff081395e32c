"""A model hosted with the site: fetched at build time or taken from a folder, and verified."""

from __future__ import annotations

from pathlib import Path

from tools.project import BuildError


def add(site: Path, name: str, folder: Path | None) -> None:  # noqa: ARG001
    """Put a model's files into the site."""
    raise BuildError(f"Hosting {name} with the site is not built yet.")
