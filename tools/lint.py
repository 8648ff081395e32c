"""Style and types: ruff, mypy, and TypeScript's checker on ``// @ts-check`` scripts."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tools import environment, npm
from tools.files import write_text
from tools.project import ROOT, cache_dir

# mypy --strict
TYPED = ("pycore", "seesay", "worker", "web", "models", "tools", "docs", "tests", "build.py")

# JavaScript for the page and JavaScript for workers know different globals.
SCRIPTS = {
    "web": (["ES2022", "DOM", "DOM.Iterable"], ["web"]),
    "worker": (["ES2022", "WebWorker"], ["worker"]),
    "node": (["ES2022"], ["tools", "tests/pyodide"]),
}


def run(_options: Sequence[str]) -> bool:
    """Check everything; say whether all is well."""
    python = environment.python()
    steps = [
        _call(python, "-m", "ruff", "check", "--quiet", "--output-format=concise", "."),
        _call(python, "-m", "ruff", "format", "--quiet", "--diff", "."),
        _call(python, "-m", "mypy", "--no-error-summary", *TYPED),
        *_check_scripts(),
    ]
    return all(steps)


def _check_scripts() -> list[bool]:
    npm.ensure("site")
    npm.ensure("test")
    folder = cache_dir() / "typescript"
    # The page imports PyScript by its place in the built site; this stands in for it.
    stand_in = folder / "web" / "runtime" / "pyscript" / "core.d.ts"
    types = npm.package("@pyscript/core") / "types" / "core.js"
    write_text(stand_in, f"export * from {json.dumps(str(types))};\n")
    steps = []
    for name, (libraries, places) in SCRIPTS.items():
        file = folder / f"tsconfig.{name}.json"
        write_text(file, json.dumps(_configuration(name, libraries, places), indent=1))
        steps.append(_call(npm.node(), npm.package("typescript") / "bin" / "tsc", "-p", file))
    return steps


def _configuration(name: str, libraries: list[str], places: list[str]) -> dict[str, object]:
    types = npm.modules_dir()
    return {
        "compilerOptions": {
            "allowJs": True,
            "checkJs": False,
            "strict": True,
            "noEmit": True,
            "target": "ES2022",
            "module": "ESNext",
            "moduleResolution": "Bundler",
            "skipLibCheck": True,
            "lib": libraries,
            "types": ["node"] if name == "node" else [],
            "typeRoots": [str(types / "@types")],
            "rootDirs": [str(ROOT / name), str(cache_dir() / "typescript" / name)],
            "paths": {
                "onnxruntime-web": [str(types / "onnxruntime-web" / "types.d.ts")],
                "tesseract-wasm": [str(types / "tesseract-wasm" / "dist" / "index.d.ts")],
                "*": [str(types / "*")],
            },
        },
        "include": [
            f"{ROOT / place}/**/*.{end}" for place in places for end in ("mjs", "js", "ts")
        ],
    }


def _call(*command: str | Path) -> bool:
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0
