"""Who may import whom (see the README's section on structure): Python and scripts alike."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from tests.contract.house.source_tree import imports, name, python_files, script_imports, tracked
from tools.project import ROOT

STDLIB = sys.stdlib_module_names
THIRD_PARTIES = {"numpy", "PIL"}
BROWSER_ONLY = {"js", "pyodide", "pyodide_js", "pyscript", "micropip"}
MICROPYTHON = {
    "asyncio",
    "gc",
    "json",
    "time",
    "math",
    "sys",
    "re",
    "random",
    "micropython",
    "jsffi",
}

# What each place may import of its own tree, besides itself. A place is a folder or, where a file
# stands alone, the file. Whatever is not named here fails.
LAYERS: dict[str, tuple[str, ...]] = {
    "pycore": ("pycore/*",),  # re-exports what an embedding program needs
    "pycore/errors": (),
    "pycore/json_data": (),
    "pycore/interfaces": ("pycore/errors",),
    "pycore/images": ("pycore/errors", "pycore/interfaces"),
    "pycore/text": ("pycore/errors", "pycore/json_data"),
    "pycore/models": ("pycore/errors", "pycore/json_data"),
    "pycore/download": ("pycore/errors", "pycore/json_data", "pycore/models"),
    "pycore/onnx_graph": ("pycore/errors",),
    "pycore/library": ("pycore/errors",),
    "pycore/generation": ("pycore/errors", "pycore/interfaces"),
    "pycore/recognition": ("pycore/errors", "pycore/interfaces"),
    "pycore/captioning": (
        "pycore/errors",
        "pycore/interfaces",
        "pycore/images",
        "pycore/text",
        "pycore/generation",
        "pycore/recognition",
    ),
    "pycore/alt_text": (),  # runs in the page, too
    "pycore/families": (
        "pycore/errors",
        "pycore/interfaces",
        "pycore/text",
        "pycore/models",
        "pycore/generation",
        "pycore/onnx_graph",
        "pycore/captioning",
    ),
    "pycore/endpoint": ("pycore/errors", "pycore/images"),
    "pycore/metadata": ("pycore/errors",),
    "pycore/documents": ("pycore/errors",),
    "pycore/rules": ("pycore/errors", "pycore/json_data"),
    "pycore/exports": ("pycore/alt_text", "pycore/errors", "pycore/metadata"),
    "seesay": ("pycore/*", "seesay/*"),  # re-exports
    "seesay/__main__": ("seesay/cli",),
    "seesay/ray_map": ("pycore/errors", "pycore/endpoint", "seesay/captioner", "seesay/server"),
    "seesay/version": (),
    "seesay/run_now": (),
    "seesay/jobs": ("pycore/errors", "pycore/download"),
    "seesay/models": ("pycore/*", "seesay/jobs", "seesay/run_now", "seesay/version"),
    "seesay/inference": ("pycore/*", "seesay/models"),
    "seesay/captioner": (
        "pycore/*",
        "seesay/jobs",
        "seesay/run_now",
        "seesay/version",
        "seesay/models",
        "seesay/inference",
    ),
    "seesay/server": (
        "pycore/*",
        "seesay/version",
        "seesay/captioner",
    ),
    "seesay/pyodide": (
        "pycore/*",
        "seesay/jobs",
        "seesay/models",
        "seesay/captioner",
        "seesay/version",
        "worker/browser",
        "worker/inference",
        "worker/models",
    ),
    "seesay/cli": (
        "pycore/*",
        "seesay/server",
        "seesay/jobs",
        "seesay/run_now",
        "seesay/version",
        "seesay/models",
        "seesay/captioner",
    ),
    "worker": (),
    "worker/requests": (),
    "worker/answers": (),
    "worker/protocol": ("worker/requests",),
    "worker/inference": ("pycore/*", "worker/browser"),
    "worker/models": ("pycore/*",),
    "worker/browser": ("pycore/*", "worker/models"),
    "worker/service": (),
    "worker/text_recognition": (),
    "worker/library": (),
    "worker/captioner": ("pycore/*", "worker/*", "web/api"),  # of web/api, types alone
    "web/seesay": ("web/api",),
    "web/embed": ("web/seesay", "web/api"),
    "web/developers": ("web/seesay", "web/embed"),
    "web/api": ("web/seesay",),  # types alone: see test_types_alone_cross_between_page_and_worker
    "web/page": ("web/seesay", "web/api", "web/runtime", "pycore/alt_text", "pycore/rules"),
}
JS_AT_THE_EDGE = ("worker/browser/", "worker/inference/sessions.py", "worker/captioner/main.py")
"""The files of the worker that may touch JavaScript from Python; main.py composes the rest."""
IN_PYODIDE = "seesay/pyodide/"
"""The part of the Python package that runs in Pyodide alone, on the worker's bridge."""


def _place(path: Path) -> str:
    """Return the place of a file or module: ``pycore/images``, ``worker/protocol``."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    inside = [part for part in parts[:2] if part != "__init__"]
    return "/".join(inside).removesuffix(".d")


def _place_of_module(module: str) -> str:
    path = ROOT.joinpath(*module.split("."))
    return _place(path)


def _sources() -> list[Path]:
    trees = [ROOT / tree for tree in ("pycore", "seesay", "worker", "web")]
    files = tracked(".py", ".mjs", ".js", ".ts")
    return [path for path in files if any(path.is_relative_to(tree) for tree in trees)]


def _own_imports(path: Path) -> set[str]:
    """Return the places of the project that a file imports from."""
    if path.suffix == ".py":
        found = set(imports(path))
        own = {
            module for module in found if module.partition(".")[0] in {"pycore", "seesay", "worker"}
        }
        page = {"web/page" for module in found if module.partition(".")[0] == "page"}
        return {_place_of_module(module) for module in own} | page
    return {_place(target) for target in script_imports(path)}


def _allows(layers: Mapping[str, tuple[str, ...]], place: str, other: str) -> bool:
    return place == other or any(
        other == rule or (rule.endswith("/*") and other.startswith(rule[:-1]))
        for rule in layers[place]
    )


SOURCES = _sources()


def test_there_is_something_to_check() -> None:
    """Every place that the rules name has files, and every file has a place among the rules."""
    places = {_place(path) for path in SOURCES}
    assert places == set(LAYERS)
    crossing = [path for path in SOURCES if _own_imports(path) - {_place(path)}]
    suffixes = {path.suffix for path in crossing}
    assert {".py", ".mjs"} <= suffixes
    assert len(crossing) > len(SOURCES) // 3


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_imports_keep_to_the_layers(path: Path) -> None:
    place = _place(path)
    breaches = {other for other in _own_imports(path) if not _allows(LAYERS, place, other)}
    assert not breaches


@pytest.mark.parametrize("path", [path for path in SOURCES if path.suffix == ".py"], ids=name)
def test_what_each_tree_imports_from_outside(path: Path) -> None:
    tree = path.relative_to(ROOT).parts[0]
    # MicroPython has no typing, which type checkers alone import there.
    found = imports(path, types=tree != "web")
    roots = {module.partition(".")[0] for module in found}
    allowed = {
        "pycore": STDLIB | THIRD_PARTIES | {"pycore"},
        "seesay": STDLIB
        | THIRD_PARTIES
        | {"pycore", "seesay", "onnxruntime", "tqdm", "ray", "pyarrow"},
        "worker": STDLIB | THIRD_PARTIES | {"pycore", "worker", "js", "pyodide"},
        IN_PYODIDE: STDLIB | THIRD_PARTIES | {"pycore", "seesay", "worker", "js", "pyodide"},
        "web": MICROPYTHON | {"page", "js", "pyscript", "__future__", "pycore"},
    }[IN_PYODIDE if name(path).startswith(IN_PYODIDE) else tree]
    assert roots <= allowed
    if tree == "worker" and not name(path).startswith(JS_AT_THE_EDGE):
        assert not roots & BROWSER_ONLY


def _graph() -> dict[str, set[str]]:
    """Return who imports whom, by file; types alone (``import(...)`` in comments) do not count."""
    modules = {_module_name(path): name(path) for path in SOURCES if path.suffix == ".py"}
    graph: dict[str, set[str]] = {}
    for path in SOURCES:
        if path.suffix == ".py":
            found = {modules[module] for module in imports(path) if module in modules}
        else:
            found = {name(target) for target in script_imports(path, types=False)}
        graph[name(path)] = found - {name(path)}
    return graph


def _module_name(path: Path) -> str:
    relative = path.relative_to(ROOT / "web" if path.is_relative_to(ROOT / "web") else ROOT)
    return ".".join(relative.with_suffix("").parts).removesuffix(".__init__")


def test_no_circles() -> None:
    graph = _graph()
    finished: set[str] = set()

    def visit(file: str, path: tuple[str, ...]) -> None:
        assert file not in path, " -> ".join((*path, file))
        if file not in finished:
            for other in sorted(graph.get(file, ())):
                visit(other, (*path, file))
            finished.add(file)

    for file in graph:
        visit(file, ())
    assert len(finished) >= len(SOURCES)


def test_no_circles_of_folders() -> None:
    """Folders import one another in one direction, as the rules have it."""
    graph = {
        place: {other for other in LAYERS if other != place and _allows(LAYERS, place, other)}
        for place in LAYERS
        if place != "web/api"  # it takes types from the public declarations, nothing that runs
    }
    for place, others in graph.items():
        for other in others:
            assert place not in graph.get(other, set()), f"{place} <-> {other}"


def test_types_alone_cross_between_page_and_worker() -> None:
    for path in SOURCES:
        if path.suffix != ".py":
            imported = {_place(target) for target in script_imports(path, types=False)}
            if _place(path) == "web/api":
                assert imported <= {"web/api"}
            if path.is_relative_to(ROOT / "worker"):
                assert not {place for place in imported if place.startswith("web/")}


def test_browser_modules_appear_only_in_worker_and_web() -> None:
    elsewhere = [
        path
        for path in tracked(".py")
        if not any(path.is_relative_to(ROOT / tree) for tree in ("worker", "web", IN_PYODIDE))
    ]
    assert elsewhere
    for path in elsewhere:
        assert not {module.partition(".")[0] for module in imports(path)} & BROWSER_ONLY, path


@pytest.mark.parametrize("path", python_files("tools"), ids=name)
def test_tools_import_the_standard_library_alone(path: Path) -> None:
    # So do parts of pycore and the worker, which the build may use. Icons are drawn once, by hand.
    if path.name != "make_icons.py":
        others = {module for module in imports(path) if module.partition(".")[0] not in STDLIB}
        core = {module for module in others if not module.startswith("tools")}
        assert core <= _of_the_standard_library()


@cache
def _of_the_standard_library() -> set[str]:
    """Return the modules that need nothing else, nor does what they import."""
    wanted = {
        _module_name(path): set(imports(path))
        for path in SOURCES
        if path.suffix == ".py" and name(path).startswith(("pycore", "worker"))
    }
    found = {
        module
        for module, modules in wanted.items()
        if {other.partition(".")[0] for other in modules} <= STDLIB | {"pycore", "worker"}
    }
    while further := {
        module
        for module in found
        if not {other for other in wanted[module] if other.startswith(("pycore", "worker"))}
        <= found
    }:
        found -= further
    return found


def test_onnxruntime_is_named_in_few_worker_files() -> None:
    knowing = [
        name(path)
        for path in SOURCES
        if name(path).startswith("worker/")
        and path.suffix == ".mjs"
        and re.search(r"import\(?[^;]*ort\.wasm", path.read_text(encoding="utf-8"))
    ]
    assert knowing == ["worker/inference/runtime.mjs"]


MOST_FILES = 15


def test_folders_stay_small() -> None:
    """A folder is a room: what does not fit on one look is two rooms."""
    counts: dict[Path, int] = {}
    for path in SOURCES:
        counts[path.parent] = counts.get(path.parent, 0) + 1
    assert counts
    crowded = {name(folder): count for folder, count in counts.items() if count > MOST_FILES}
    assert not crowded
