"""The project's own files, as git knows them, and what their Python imports."""

from __future__ import annotations

import ast
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

from tools.project import ROOT


def tracked(*suffixes: str) -> list[Path]:
    """Return the files that are in git or would be, with one of the suffixes or with any."""
    listed = subprocess.run(
        [
            "git", "-c", "safe.directory=*",  # the clone may be another user's
            "ls-files", "--cached", "--others", "--exclude-standard",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()  # fmt: skip
    paths = [ROOT / name for name in listed]
    return [path for path in paths if path.is_file() and (not suffixes or path.suffix in suffixes)]


def python_files(folder: str) -> list[Path]:
    """Return the Python files below a folder of the repository."""
    return [path for path in tracked(".py") if path.is_relative_to(ROOT / folder)]


def imports(path: Path, *, types: bool = True, later: bool = True) -> Iterator[str]:
    """Yield the dotted name of every module that a file imports, wherever in the file.

    Args:
        path: the file.
        types: also what only type checkers import: below ``if TYPE_CHECKING:``.
        later: also what is imported once a function is called.
    """
    for node in _nodes(ast.parse(path.read_text(encoding="utf-8")), types=types, later=later):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = path.relative_to(ROOT).parent.parts
            base = package[: len(package) - node.level + 1] if node.level else ()
            parent = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                yield f"{parent}.{alias.name}" if _is_module(parent, alias.name) else parent


def _nodes(tree: ast.AST, *, types: bool, later: bool) -> Iterator[ast.AST]:
    """Yield what is below a node, in the order of the file; see ``imports``."""
    left = [tree]
    while left:
        node = left.pop()
        yield node
        below = ast.iter_child_nodes(node)
        if not types and _is_for_types(node):
            below = iter(node.orelse)
        elif not later and isinstance(node, _FUNCTIONS):
            below = iter(())
        left += reversed([*below])


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def _is_for_types(node: ast.AST) -> TypeGuard[ast.If]:
    tests = ("TYPE_CHECKING", "typing.TYPE_CHECKING")
    return isinstance(node, ast.If) and ast.unparse(node.test) in tests


_FROM = re.compile(r"""^(?:import|export)\b[^;]*?from\s+["']([^"']+)["']""", re.MULTILINE)
_BARE = re.compile(r"""^import\s+["']([^"']+)["']""", re.MULTILINE)
_CALL = re.compile(r"""\bimport\(\s*["']([^"']+)["']\s*\)""")


def script_imports(path: Path, *, types: bool = True) -> Iterator[Path]:
    """Yield the file behind every relative import of a script, whether it exists here or not.

    Args:
        path: the script.
        types: also what only comments import: ``@typedef {import("./other.mjs").Type}``.
    """
    text = path.read_text(encoding="utf-8")
    if not types:
        text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    for pattern in (_FROM, _BARE, _CALL):
        for match in pattern.finditer(text):
            if match.group(1).startswith("."):
                yield Path(os.path.normpath(path.parent / match.group(1)))


def _is_module(package: str, name: str) -> bool:
    places = [root.joinpath(*package.split("."), name) for root in (ROOT, ROOT / "web")]
    files = [file for place in places for file in (place.with_suffix(".py"), place / "__init__.py")]
    return any(file.is_file() for file in files)


def name(path: Path) -> str:
    """Return a path as the repository knows it."""
    return path.relative_to(ROOT).as_posix()
