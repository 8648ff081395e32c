"""The parts of ``build.py test``."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tools import chromium, environment, npm, pyodide_wheels, site
from tools.files import write_text
from tools.project import ROOT, BuildError, cache_dir

# JavaScript for the page and JavaScript for workers know different globals.
JAVASCRIPT = {
    "web": (["ES2022", "DOM", "DOM.Iterable"], ["web/**/*.mjs", "web/**/*.d.ts"]),
    "worker": (["ES2022", "WebWorker"], ["worker/**/*.mjs", "worker/**/*.js"]),
    "node": (["ES2022"], ["tools/**/*.mjs", "tests/pyodide/**/*.mjs"]),
}


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
    results = []
    for name, paths in chosen.items():
        print(f"== {name}", flush=True)
        start = time.monotonic()
        passed = PARTS[name]([*paths, *pytest_options])
        results.append((name, passed, time.monotonic() - start))
    print("== summary")
    for name, passed, seconds in results:
        print(f"{name:10} {'passed' if passed else 'FAILED'} in {seconds:6.1f} s")
    return 0 if all(passed for _, passed, _ in results) else 1


def _call(*command: str | Path, **variables: str) -> bool:
    environ = {**os.environ, **variables}
    return subprocess.run(command, cwd=ROOT, env=environ, check=False).returncode == 0


def _lint(_options: Sequence[str]) -> bool:
    python = environment.python()
    steps = [
        _call(python, "-m", "ruff", "check", "--quiet", "--output-format=concise", "."),
        _call(python, "-m", "ruff", "format", "--quiet", "--diff", "."),
        _call(python, "-m", "mypy", "--no-error-summary", "pycore", "tools", "build.py"),
        _mypy_worker(),
        _check_javascript(),
    ]
    return all(steps)


def _mypy_worker() -> bool:
    files = sorted((ROOT / "worker").glob("*.py"))
    return not files or _call(environment.python(), "-m", "mypy", "--no-error-summary", *files)


def _check_javascript() -> bool:
    """Type-check every script that begins with ``// @ts-check``."""
    npm.ensure("site")
    npm.ensure("test")
    types = npm.modules_dir()
    passed = True
    for name, (libraries, patterns) in JAVASCRIPT.items():
        config = {
            "compilerOptions": {
                "allowJs": True,
                "checkJs": False,
                "strict": True,
                "noEmit": True,
                "target": "ES2022",
                "module": "ESNext",
                "moduleResolution": "Bundler",
                "skipLibCheck": True,
                "allowImportingTsExtensions": True,
                "lib": libraries,
                "types": ["node"] if name == "node" else [],
                "typeRoots": [str(types / "@types")],
                "paths": {
                    "onnxruntime-web": [str(types / "onnxruntime-web" / "types.d.ts")],
                    "*": [str(types / "*")],
                },
            },
            "include": [str(ROOT / pattern) for pattern in patterns],
        }
        if not any(True for pattern in patterns for _ in ROOT.glob(pattern)):
            continue
        file = cache_dir() / "typescript" / f"tsconfig.{name}.json"
        write_text(file, json.dumps(config, indent=1))
        tsc = npm.package("typescript") / "bin" / "tsc"
        passed = _call(npm.node(), tsc, "-p", file) and passed
    return passed


def _pytest(*folders: str) -> Callable[[Sequence[str]], bool]:
    def run_pytest(options: Sequence[str]) -> bool:
        named = any(Path(option.partition("::")[0]).exists() for option in options)
        paths = [] if named else [folder for folder in folders if (ROOT / folder).is_dir()]
        return _call(environment.python(), "-m", "pytest", "-q", *paths, *options)

    return run_pytest


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
    return _pytest("tests/browser")(options) if chromium.ensure() else False


PARTS: dict[str, Callable[[Sequence[str]], bool]] = {
    "lint": _lint,
    "unit": _pytest("tests/unit"),
    "contract": _contract,
    "parity": _pytest("tests/parity"),
    "pyodide": _pyodide,
    "browser": _browser,
}
