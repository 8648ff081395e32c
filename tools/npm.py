"""npm packages: fetched by ``npm pack``, checked against the pin, unpacked into the cache."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from tools.files import integrity, locked, new_folder
from tools.project import BuildError, NpmPackage, cache_dir, npm_packages

MIN_NODE = 20
# The pins make a second look at the registry pointless, and npm's own retries take minutes.
OPTIONS = (
    "--loglevel=error",
    "--prefer-offline",
    "--fetch-retries=2",
    "--fetch-retry-mintimeout=500",
    "--fetch-retry-maxtimeout=5000",
)


def modules_dir() -> Path:
    """Return the folder that holds the unpacked packages, laid out like node_modules."""
    return cache_dir() / "npm" / "node_modules"


def package(name: str) -> Path:
    """Return the folder of an unpacked package; ``ensure`` must have run."""
    return modules_dir() / name


def version_of(name: str) -> str:
    """Return the version of an unpacked package."""
    described = json.loads((package(name) / "package.json").read_text(encoding="utf-8"))
    return str(described["version"])


def node() -> str:
    """Return the path of Node.js.

    Raises:
        BuildError: Node.js is missing or too old.
    """
    found = shutil.which("node")
    if found is None:
        raise BuildError(
            f"Node.js is missing: install version {MIN_NODE} or later, with npm, and try again."
        )
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    if int(said.strip().lstrip("v").split(".")[0]) < MIN_NODE:
        raise BuildError(f"Node.js is {said.strip()}; Seesay needs {MIN_NODE} or later.")
    return found


def ensure(group: str) -> None:
    """Make sure that the packages of a group of ``[tool.seesay.npm]`` are unpacked.

    Raises:
        BuildError: npm is missing, the registry cannot be reached, or an archive is not the
            pinned one.
    """
    with locked(cache_dir() / "npm.lock"):
        missing = [pin for pin in npm_packages(group) if not _holds(pin)]
        if not missing:
            return
        names = ", ".join(f"{pin.name} {pin.version}" for pin in missing)
        print(f"Fetching from npm: {names} ...", flush=True)
        with tempfile.TemporaryDirectory(dir=cache_dir()) as folder:
            for pin in missing:
                _unpack(pin, _fetch(pin, Path(folder)))


def _stamp(pin: NpmPackage) -> Path:
    return package(pin.name) / ".seesay-integrity"


def _holds(pin: NpmPackage) -> bool:
    stamp = _stamp(pin)
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == pin.integrity


def _fetch(pin: NpmPackage, folder: Path) -> Path:
    """Download one archive and check it."""
    npm = shutil.which("npm")
    if npm is None:
        raise BuildError("npm is missing: install it (it comes with Node.js) and try again.")
    own = folder / pin.name.replace("/", "-")
    own.mkdir()
    pack = [npm, "pack", *OPTIONS, f"--pack-destination={own}", f"{pin.source}@{pin.version}"]
    # A second time with a cache of its own: npm's may be damaged, or in a home that is read-only.
    for more in ([], [f"--cache={folder / 'cache'}"]):
        done = subprocess.run(
            [*pack, *more], cwd=folder, capture_output=True, text=True, check=False
        )
        archives = list(own.glob("*.tgz"))
        if done.returncode == 0 and archives:
            break
    else:
        code = re.search(r"npm error code (\w+)", done.stderr)
        raise BuildError(
            f"The npm package {pin.name} {pin.version} is missing and could not be fetched "
            f"({code[1] if code else 'npm gives no reason'}); is this machine online?"
        )
    found = integrity(archives[0])
    if found != pin.integrity:
        raise BuildError(
            f"The npm package {pin.name} {pin.version} is not the pinned one: its hash is {found}, "
            f"pyproject.toml says {pin.integrity}."
        )
    return archives[0]


def _unpack(pin: NpmPackage, archive: Path) -> None:
    with new_folder(package(pin.name)) as folder, tarfile.open(archive) as tar:
        for member in tar:
            # npm archives hold everything under one top folder, most often "package".
            inside = member.name.partition("/")[2]
            content = tar.extractfile(member)
            if inside and content is not None:
                target = folder / inside
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content.read())
        (folder / ".seesay-integrity").write_text(pin.integrity, encoding="utf-8")
