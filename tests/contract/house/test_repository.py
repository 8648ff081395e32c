"""Rules for every file in the repository: pins once, no private places, documented."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from pathlib import Path

import pytest

from tests.contract.house.source_tree import name, python_files, tracked
from tools import npm, project, pyodide_wheels
from tools.project import ROOT

TEXT = (".py", ".mjs", ".js", ".ts", ".css", ".html", ".md", ".toml", ".txt", ".json", ".yml")
PLACES = re.compile(
    r"/(?:work|root)/|\.\./shared"
    r"|registry\.npmjs\.org|pypi\.org|files\.pythonhosted\.org|deb\.debian\.org|:\d+/simple"
)
OURS = [path for folder in ("pycore", "worker", "tools", "models") for path in python_files(folder)]


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", OURS, ids=name)
def test_public_names_have_docstrings(path) -> None:
    tree = ast.parse(_read(path))
    missing = [] if ast.get_docstring(tree) else ["the module"]
    for node in [tree, *ast.walk(tree)]:
        if isinstance(node, ast.ClassDef | ast.Module):
            missing += [
                child.name
                for child in node.body
                if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
                and not child.name.startswith("_")
                and not _is_inside_private(tree, child)
                and not _is_overload(child)
                and not ast.get_docstring(child)
            ]
    assert not missing


def _is_inside_private(tree: ast.Module, child: ast.AST) -> bool:
    return any(
        isinstance(node, ast.ClassDef) and node.name.startswith("_") and child in node.body
        for node in ast.walk(tree)
    )


def _is_overload(node: ast.AST) -> bool:
    names = {getattr(decorator, "id", "") for decorator in getattr(node, "decorator_list", [])}
    return bool(names & {"overload", "override"})


def test_no_file_names_a_private_place_or_a_registry() -> None:
    found = {}
    for path in tracked():
        if path.suffix in TEXT or path.name in {"_headers", "run", ".gitignore"}:
            match = PLACES.search(_read(path))
            if match and path.name != "test_repository.py":
                found[name(path)] = match.group()
    assert not found


def test_versions_stand_once() -> None:
    """What pyproject.toml pins is written in no other code; comments may give a source."""
    pins = [pin for group in ("site", "test") for pin in project.npm_packages(group)]
    versions = "|".join(re.escape(v) for v in [project.version(), *(pin.version for pin in pins)])
    pattern = re.compile(rf"(?<![\d.])({versions})(?![\d.])")
    written = [
        f"{name(path)}: {match.group()}"
        for path in tracked(".py", ".mjs", ".js", ".ts", ".html", ".css")
        if "tests" not in path.relative_to(ROOT).parts
        for match in pattern.finditer(_code_alone(path))
    ]
    assert not written


def test_the_changelog_begins_with_this_version() -> None:
    (newest, *_) = re.findall(r"^## (\S+)", _read(ROOT / "CHANGELOG.md"), re.MULTILINE)
    assert newest == project.version()


def test_the_limit_of_images_stands_once() -> None:
    """Whoever needs it has it from pycore/images/limits.py, or by the build from there."""
    pattern = re.compile(r"(?<![\d_.])(?:256_?000_?000|100_?000_?000)(?![\d_])")
    written = [
        name(path)
        for path in tracked(".py", ".mjs", ".js", ".ts", ".html")
        if {"pycore", "worker", "web", "tools"} & {path.relative_to(ROOT).parts[0]}
        and pattern.search(_code_alone(path))
    ]
    assert written == ["pycore/images/limits.py"]


def _code_alone(path: Path) -> str:
    """Return a file's code without its comments, and without docstrings."""
    if path.suffix != ".py":
        return re.sub(r"/\*.*?\*/|<!--.*?-->|(?<!:)//[^\n]*", "", _read(path), flags=re.DOTALL)
    tree = ast.parse(_read(path))
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            node.value.value = None
    return ast.unparse(tree)


def test_pins_agree_with_pyodide() -> None:
    """NumPy and Pillow in the test environment are the versions that Pyodide ships."""
    packages = pyodide_wheels.pyodide_lock()["packages"]
    lock = _read(ROOT / "requirements" / "test.txt")
    for package in ("numpy", "pillow"):
        assert f"\n{package}=={packages[package]['version']} " in lock
    groups = tomllib.loads(_read(ROOT / "pyproject.toml"))["dependency-groups"]
    pins = [f"{package}=={packages[package]['version']}" for package in ("numpy", "pillow")]
    assert groups["pyodide"] == pins
    assert {"include-group": "pyodide"} in groups["test"]


def test_npm_packages_are_the_pinned_ones() -> None:
    for pin in [*project.npm_packages("site"), *project.npm_packages("test")]:
        found = json.loads(_read(npm.package(pin.name) / "package.json"))["version"]
        assert found == pin.version


def test_locks_have_hashes_and_name_no_place() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        text = _read(path)
        packages = re.findall(r"^[a-z0-9_.-]+==", text, flags=re.MULTILINE)
        assert packages, name(path)
        assert text.count("--hash=sha256:") >= len(packages)
        assert "://" not in text
