"""What the page and its worker import at their start: nothing that is needed on a click alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.house.source_tree import imports
from tools.project import ROOT

IMPORTED_LATER = {
    "worker.captioner.main": [
        "pycore.captioning.objects",
        "pycore.documents",
        "pycore.endpoint",
        "pycore.exports",
        "pycore.generation.beam_search",  # the first search is greedy
        "pycore.library",
        "pycore.metadata",
        "pycore.onnx_graph.split",  # the build has split the built-in model
        "pycore.recognition.recognizer",  # for photographs
        "pycore.rules",
        "worker.captioner.model_requests",  # for all other models
        "worker.inference.florence_model",
    ],
    "page.app": [
        "page.documents.desk",
        "page.endpoint.programs",
        "page.library.library_view",
        "page.queue.queue",
        "page.rules.desk",
    ],
}
"""Modules, or packages with all that is in them, by the module that starts."""


@pytest.mark.parametrize("first", IMPORTED_LATER)
def test_nothing_is_imported_before_it_is_needed(first: str) -> None:
    imported = closure(first)
    assert len(imported) > 40
    for name in IMPORTED_LATER[first]:
        assert found(name), f"{name} is no longer there"
        early = {module for module in imported if f"{module}.".startswith(f"{name}.")}
        assert not early, f"{first} imports {early} at its start"


LAYERS = """
import one
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    import for_types
else:
    import two
try:
    import three
except ImportError:
    if one:
        import four
class Thing:
    import five
    def do(self):
        import later
with one:
    import six
async def wait():
    try:
        import later
    finally:
        pass
"""


def test_imports_are_seen_wherever_they_run_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a module's try, if, with and class, too; not in functions, nor for type checkers."""
    monkeypatch.setattr("tests.contract.house.source_tree.ROOT", tmp_path)
    path = tmp_path / "module.py"
    path.write_text(LAYERS, "utf-8")
    at_start = ["one", "typing", "two", "three", "four", "five", "six"]
    assert [*imports(path, types=False, later=False)] == at_start
    assert {*imports(path)} == {*at_start, "for_types", "later"}
    assert {*imports(path, types=False)} == {*at_start, "later"}


def closure(first: str) -> set[str]:
    """Return the project's own modules that are imported when one is."""
    seen: set[str] = set()
    left = [first]
    while left:
        module = left.pop()
        path = found(module)
        if path and module not in seen:
            seen.add(module)
            left += imports(path, types=False, later=False)
            left.append(module.rpartition(".")[0])
    return seen


def found(module: str) -> Path | None:
    """Return the file of one of the project's own modules, or None."""
    for root in (ROOT, ROOT / "web"):
        place = root.joinpath(*module.split("."))
        for path in (place.with_suffix(".py"), place / "__init__.py"):
            if module and path.is_file():
                return path
    return None
