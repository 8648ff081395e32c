"""The files of the photograph models, as the worker reads them from the site."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from pycore.errors import AssetError, NetworkError
from tests.unit.helpers import run_sync
from tests.unit.models.test_built_in_model import BASE, Bytes
from worker.models.photograph_files import PhotographFiles

FILES = {
    "models/photo/config.json": json.dumps({"namer": {}}).encode(),
    "models/photo/names.json": b"[",
    "models/photo/onnx/namer.onnx": b"graph",
    "models/starter/config.json": b"{}",
}
ASSETS = {"model": [{"url": url, "size_bytes": len(data)} for url, data in FILES.items()]}


def open_files(answer: str = "") -> tuple[PhotographFiles, list[tuple[int, int]]]:
    """Return the files of a site; ``answer`` is what goes wrong with each of them."""
    reports: list[tuple[int, int]] = []

    async def read(url: str, size_bytes: int, count: Callable[[int], None]) -> Any:
        if answer:
            return answer
        count(size_bytes)
        return Bytes(FILES[url.removeprefix(BASE)])

    files = PhotographFiles(read, BASE, ASSETS, lambda *report: reports.append(report))
    return files, reports


def test_progress_counts_the_models_own_files() -> None:
    files, reports = open_files()
    total = sum(len(data) for url, data in FILES.items() if "/photo/" in url)
    assert run_sync(files.read_json("config.json")) == {"namer": {}}
    assert bytes(run_sync(files.read_bytes("onnx/namer.onnx"))) == b"graph"
    assert reports[-1] == (len(FILES["models/photo/config.json"]) + 5, total)


def test_what_a_photograph_needs_is_no_page_and_not_what_told_that_it_is_one() -> None:
    others = [{"url": f"models/photo/{name}", "size_bytes": 1} for name in ("router.json", "a.md")]
    assets = {"model": [*ASSETS["model"], *others]}
    reports: list[tuple[int, int]] = []

    async def read(_url: str, size_bytes: int, count: Callable[[int], None]) -> Any:
        count(size_bytes)
        return Bytes(b"{}")

    files = PhotographFiles(read, BASE, assets, lambda *report: reports.append(report))
    paths = ["config.json", "names.json", "onnx/namer.onnx"]
    assert files.addresses() == [f"{BASE}models/photo/{path}" for path in paths]
    for path in paths:
        run_sync(files.read_bytes(path))
    loaded, total = reports[-1]
    assert loaded == total


def test_what_is_damaged_or_missing_is_named() -> None:
    files, _ = open_files()
    with pytest.raises(AssetError, match=r"names\.json of the model for photographs is damaged"):
        run_sync(files.read_names())
    with pytest.raises(AssetError, match=r"router\.json of the model for photographs is missing"):
        run_sync(files.read_router())


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("HTTP 403", "models/photo/names.json could not be loaded: the server answers 403."),
        ("TypeError", "The model for photographs could not be loaded. Check the connection"),
    ],
)
def test_what_the_server_says_is_told(answer: str, sentence: str) -> None:
    files, _ = open_files(answer)
    with pytest.raises(NetworkError, match=sentence):
        run_sync(files.read_names())
