"""Who may import whom (see the README's section on structure)."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.contract.source_tree import imports, name, python_files, tracked
from tools.project import ROOT

STDLIB = sys.stdlib_module_names
BROWSER_ONLY = {"js", "pyodide", "pyodide_js", "pyscript", "micropip"}
# Layers of pycore, from the ground up: a module may import from its own layer and from below.
GROUND = ("pycore.errors", "pycore.interfaces")
TOP = ("pycore.captioning.pipeline",)


def _roots(path) -> set[str]:
    return {module.partition(".")[0] for module in imports(path)}


@pytest.mark.parametrize("path", python_files("pycore"), ids=name)
def test_pycore_imports_stdlib_numpy_and_pillow(path) -> None:
    assert _roots(path) <= STDLIB | {"numpy", "PIL", "pycore"}


@pytest.mark.parametrize("path", python_files("worker"), ids=name)
def test_worker_imports_pycore_and_the_browser(path) -> None:
    assert _roots(path) <= STDLIB | {"numpy", "PIL", "pycore", "worker", "js", "pyodide"}


@pytest.mark.parametrize("path", python_files("web"), ids=name)
def test_web_imports_neither_pycore_nor_worker(path) -> None:
    micropython = {"asyncio", "json", "time", "math", "sys", "re", "random", "micropython", "jsffi"}
    assert _roots(path) <= {"page"} | micropython | {"js", "pyscript", "__future__"}


@pytest.mark.parametrize(
    "path",
    [path for path in tracked(".py") if not path.is_relative_to(ROOT / "web")],
    ids=name,
)
def test_browser_modules_appear_only_in_worker_and_web(path) -> None:
    if not path.is_relative_to(ROOT / "worker"):
        assert not _roots(path) & BROWSER_ONLY


@pytest.mark.parametrize("path", python_files("tools"), ids=name)
def test_tools_import_the_standard_library_alone(path) -> None:
    # So do some parts of pycore, which the build may use. Icons are drawn once, by hand.
    if path.name != "make_icons.py":
        others = {module for module in imports(path) if module.partition(".")[0] not in STDLIB}
        core = {module for module in others if not module.startswith("tools")}
        assert core <= _of_the_standard_library()


def _modules() -> dict[str, Path]:
    """Return pycore's modules by their dotted names."""
    return {
        name(path).removesuffix(".py").replace("/", ".").removesuffix(".__init__"): path
        for path in python_files("pycore")
    }


def _graph() -> dict[str, set[str]]:
    """Return the imports among pycore's modules."""
    return {
        module: {found for found in imports(path) if found.startswith("pycore")}
        for module, path in _modules().items()
    }


def _of_the_standard_library() -> set[str]:
    """Return the modules of pycore that need nothing else, nor does what they import."""
    graph = _graph()
    found = {module for module, path in _modules().items() if _roots(path) <= STDLIB | {"pycore"}}
    while further := {module for module in found if not graph[module] <= found}:
        found -= further
    return found


def test_ground_of_pycore_stands_alone() -> None:
    graph = _graph()
    for module in GROUND:
        assert graph[module] <= {"pycore.errors"}


def test_nothing_in_pycore_imports_the_pipeline() -> None:
    for module, found in _graph().items():
        if module not in {*TOP, "pycore"}:
            assert not found & set(TOP), module


def test_pycore_has_no_circles() -> None:
    graph = _graph()
    finished: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join((*path, module))
        if module not in finished:
            for other in sorted(graph.get(module, ())):
                visit(other, (*path, module))
            finished.add(module)

    for module in graph:
        visit(module, ())


def test_onnxruntime_is_named_in_few_worker_files() -> None:
    scripts = [path for path in tracked(".mjs") if path.is_relative_to(ROOT / "worker")]
    knowing = [
        name(path)
        for path in scripts
        if re.search(r"import\(?[^;]*ort\.wasm", path.read_text(encoding="utf-8"))
    ]
    assert len(knowing) <= 1, knowing
