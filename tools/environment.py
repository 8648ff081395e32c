"""The project's own Python environment, .venv, made from hash-locked requirements."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.files import digest_of, locked
from tools.project import ROOT, BuildError, cache_dir, settings

VENV = ROOT / ".venv"
PIP_ATTEMPTS = 3
CUT_OFF = ("IncompleteRead", "ReadTimeout", "Read timed out", "Connection broken", "reset by peer")
"""What pip says of a download that broke off, which it does not try again by itself."""


def python() -> Path:
    """Return the environment's interpreter, whether it exists yet or not."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def site_packages() -> Path:
    """Return the folder that holds the environment's packages."""
    if os.name == "nt":
        return VENV / "Lib" / "site-packages"
    return VENV / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"


def lock_file(group: str) -> Path:
    """Return the lock of a dependency group of pyproject.toml."""
    return ROOT / "requirements" / f"{group}.txt"


def ensure(group: str) -> Path:
    """Make sure that .venv holds everything in a group's lock.

    Args:
        group: ``build``, ``test`` or ``fixtures``.

    Returns:
        The environment's interpreter.

    Raises:
        BuildError: the environment cannot be made or a package cannot be fetched.
    """
    lock = lock_file(group)
    stamp = VENV / f".seesay-{group}"
    wanted = digest_of(lock, sys.version)
    if _holds(stamp, wanted):
        return python()
    with locked(cache_dir() / "venv.lock"):
        if _holds(stamp, wanted):
            return python()
        if not _venv_fits():
            _make_venv()
        print(f"Installing the Python packages for '{group}' into .venv ...", flush=True)
        pip("install", "--require-hashes", "--only-binary=:all:", "-r", str(lock))
        if group == "fixtures":
            pip("install", f"torch=={settings()['torch']}")
        stamp.write_text(wanted, encoding="utf-8")
    return python()


def pip(*arguments: str) -> None:
    """Run the environment's pip.

    Raises:
        BuildError: pip failed; the last line of what it said is in the message.
    """
    command = [str(python()), "-m", "pip", "--disable-pip-version-check", "--no-input", "-q"]
    for attempt in range(1, PIP_ATTEMPTS + 1):
        done = subprocess.run(
            [*command, "--timeout=60", *arguments], capture_output=True, text=True, check=False
        )
        if done.returncode == 0:
            return
        if attempt == PIP_ATTEMPTS or not any(sign in done.stderr for sign in CUT_OFF):
            raise BuildError(_pip_sentence(arguments, done.stderr))


def _pip_sentence(arguments: Sequence[str], errors: str) -> str:
    lines = [line for line in errors.splitlines() if line.startswith("ERROR:")]
    what = arguments[-1]
    if "Connection" in errors or "Temporary failure" in errors or "NewConnectionError" in errors:
        return f"The Python packages in {what} are missing and PyPI could not be reached."
    last = lines[-1].removeprefix("ERROR:").strip() if lines else errors.strip()[-300:]
    return f"pip could not get the Python packages in {what}: {last}"


def _holds(stamp: Path, wanted: str) -> bool:
    return stamp.is_file() and python().exists() and stamp.read_text(encoding="utf-8") == wanted


def _venv_fits() -> bool:
    """Say whether .venv runs, on the Python that runs build.py."""
    if not python().exists():
        return False
    done = subprocess.run(
        [python(), "-c", "import pip, sys; print(sys.version)"],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode == 0 and done.stdout.strip() == sys.version.strip()


def _make_venv() -> None:
    print("Making the Python environment .venv ...", flush=True)
    if _venv(VENV):
        return
    # Debian ships the venv module without ensurepip; python3-venv brings it.
    if shutil.which("apt-get") and os.geteuid() == 0:
        apt_install("python3-venv")
        if _venv(VENV):
            return
    if _venv(VENV, "--without-pip") and _pip_from_outside():
        return
    shutil.rmtree(VENV, ignore_errors=True)
    raise BuildError(
        "Python's venv module cannot make an environment here: install it "
        "(on Debian: sudo apt-get install python3-venv) and try again."
    )


def _venv(folder: Path, *options: str) -> bool:
    shutil.rmtree(folder, ignore_errors=True)
    done = subprocess.run(
        [sys.executable, "-m", "venv", *options, folder], capture_output=True, check=False
    )
    return done.returncode == 0


def _pip_from_outside() -> bool:
    """Let a pip that belongs to the system put a pip into .venv."""
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--python", python(), "install", "-q", "pip"],
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def apt_install(*packages: str) -> None:
    """Install Debian packages; the caller has made sure that apt-get and root are there.

    Raises:
        BuildError: apt-get failed.
    """
    print(f"Installing with apt-get: {' '.join(packages)} ...", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # Another apt-get may be at work, and mirrors have their moments.
    apt = ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3"]
    install = [*apt, "install", "-y", "--no-install-recommends", *packages]
    for command in (install, [*apt, "update"], install):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if command is install and done.returncode == 0:
            return
    raise BuildError(
        f"apt-get could not install {' '.join(packages)}: {done.stderr.strip()[-300:]}"
    )
