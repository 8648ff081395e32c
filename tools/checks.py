"""The parts of ``build.py test``."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from subprocess import PIPE, STDOUT

from tools import chromium, environment, lint, npm, pyodide_wheels, site
from tools.project import ROOT, BuildError, cache_dir


def run(parts: Sequence[str], pytest_options: Sequence[str]) -> int:
    """Run the named parts, all of them if none is named, and print how long each took.

    A selector that is a path goes to the part it belongs to: ``tests/unit/test_x.py`` to ``unit``.

    Returns:
        0 if everything passed, else 1.

    Raises:
        BuildError: a part does not exist, or what it needs cannot be had.
    """
    chosen: dict[str, list[str]] = {}
    for selector in parts or PARTS:
        name = selector.split("/")[1] if selector.startswith("tests/") else selector
        if name not in PARTS:
            raise BuildError(f"There is no part {selector!r}; the parts are {', '.join(PARTS)}.")
        chosen.setdefault(name, []).extend([selector] if selector != name else [])
    environment.ensure("test")
    results: list[tuple[str, bool, float]] = []
    if all(chosen.get(name) == [] for name in ON_ONE_CORE) and _cores() > 1:
        results += _beside_each_other(ON_ONE_CORE, pytest_options)
    for name in [name for name in chosen if name not in {done for done, *_ in results}]:
        print(f"== {name}", flush=True)
        start = time.monotonic()
        passed = PARTS[name]([*chosen[name], *pytest_options])
        results.append((name, passed, time.monotonic() - start))
    print("== summary")
    for name, passed, seconds in results:
        print(f"{name:10} {'passed' if passed else 'FAILED'} in {seconds:6.1f} s")
    return 0 if all(passed for _, passed, _ in results) else 1


def _beside_each_other(
    names: Sequence[str], pytest_options: Sequence[str]
) -> Iterator[tuple[str, bool, float]]:
    """Run parts at once, each as a command of its own, and print what one said when it ends."""

    def run_one(name: str) -> tuple[subprocess.CompletedProcess[str], float]:
        start = time.monotonic()
        command = [sys.executable, str(ROOT / "build.py"), "test", name, "--", *pytest_options]
        done = subprocess.run(command, stdout=PIPE, stderr=STDOUT, text=True, check=False)
        return done, time.monotonic() - start

    with ThreadPoolExecutor() as pool:
        running = {pool.submit(run_one, name): name for name in names}
        for end in as_completed(running):
            done, seconds = end.result()
            print(done.stdout.partition("== summary")[0], end="", flush=True)
            yield running[end], done.returncode == 0, seconds


def _cores() -> int:
    return os.cpu_count() or 1


def _call(*command: str | Path) -> bool:
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def _pytest(*folders: str, waiting: int = 0) -> Callable[[Sequence[str]], bool]:
    def run_pytest(options: Sequence[str]) -> bool:
        named = any(Path(option.partition("::")[0]).exists() for option in options)
        whole = [
            *_side_by_side(waiting),
            *(folder for folder in folders if (ROOT / folder).is_dir()),
        ]
        return _call(
            environment.python(), "-m", "pytest", "-q", *([] if named else whole), *options
        )

    return run_pytest


def _side_by_side(waiting: int) -> list[str]:
    """Files of tests run beside each other; those of one file share what they hold open.

    Args:
        waiting: processes more than cores, where tests wait for servers and timers at times.
    """
    workers = min(_cores() + waiting, 4)  # each may drive a browser, which takes a GB
    return [f"--numprocesses={workers}", "--dist=loadfile"] if workers > 1 else []


def _contract(options: Sequence[str]) -> bool:
    npm.ensure("site")
    npm.ensure("test")
    return _pytest("tests/contract")(options)


def _pyodide(options: Sequence[str]) -> bool:
    """Run the unit tests inside Pyodide, on the byte code that the site ships."""
    with tempfile.TemporaryDirectory(dir=cache_dir()) as folder:
        runtime = site.build_runtime(Path(folder))
        return _call(
            npm.node(), ROOT / "tests" / "pyodide" / "run.mjs", runtime,
            environment.site_packages(), npm.package("pyodide") / "python_stdlib.zip", *options,
        )  # fmt: skip


def _browser(options: Sequence[str]) -> bool:
    npm.ensure("test")
    site.prepare()
    pyodide_wheels.ensure()
    run = _pytest("tests/browser", waiting=1)
    return run([*_second_tries(), *options]) if chromium.ensure() else False


def _second_tries() -> list[str]:
    """In CI a browser test may be tried once more; the summary then names it, to be mended."""
    return ["--reruns=1", "-rfEsR"] if os.environ.get("CI") else []


ON_ONE_CORE = ("lint", "pyodide")
"""Parts that keep one core busy, whatever there is: where both are asked for, they run at once."""

PARTS: dict[str, Callable[[Sequence[str]], bool]] = {
    "lint": lint.run,
    "unit": _pytest("tests/unit"),
    "contract": _contract,
    "parity": _pytest("tests/parity"),
    "pyodide": _pyodide,
    "browser": _browser,
}
