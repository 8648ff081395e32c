"""The worker's models, in CPython: what was created before something failed is let go again."""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock, MagicMock

import pytest

from models.florence.random_model import write_tiny
from pycore.errors import InferenceError
from seesay.models.models import ModelFolder

FAILURE = InferenceError("The model runtime failed.")


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Any]]:
    """Return what imports a module of the worker; JavaScript is a stand-in."""
    for name in ("js", "pyodide", "pyodide.ffi"):
        monkeypatch.setitem(sys.modules, name, MagicMock())
    before = set(sys.modules)
    yield importlib.import_module
    for name in set(sys.modules) - before:
        del sys.modules[name]


class Files:
    """A folder as the worker reads it."""

    def __init__(self, folder: Path) -> None:
        self._folder = ModelFolder(folder)
        self.entry = self._folder.entry

    async def read_json(self, path: str) -> Any:
        return self._folder.read_json(path)

    async def read_bytes(self, path: str) -> Any:
        data = self._folder.read_bytes(path)
        return SimpleNamespace(to_bytes=lambda: data)


def test_sessions_of_a_model_that_fails_midway_are_released(
    module: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    loaded_model = module("worker.inference.loaded_model")
    write_tiny(tmp_path)
    model = AsyncMock()
    model.load.side_effect = FAILURE
    monkeypatch.setattr(loaded_model, "_RUNTIME_MODELS", {"florence2": lambda *_: model})
    loading = loaded_model.load_model(
        "florence-2", Files(tmp_path), MagicMock(), "", is_low_memory=False
    )
    with pytest.raises(InferenceError):
        asyncio.run(loading)
    model.release.assert_awaited_once()


def test_a_text_encoder_without_a_decoder_is_released(
    module: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    florence_model = module("worker.inference.florence_model")
    session = AsyncMock()
    for name in ("EmbeddingTable", "externalize", "to_object"):
        monkeypatch.setattr(florence_model, name, MagicMock())
    monkeypatch.setattr(florence_model, "create_session", AsyncMock(return_value=session))
    monkeypatch.setattr(florence_model, "open_split", AsyncMock(side_effect=FAILURE))
    monkeypatch.setattr(florence_model, "davit_shape", MagicMock())
    model = florence_model.FlorenceModel(
        MagicMock(), AsyncMock(), {}, None, "", is_low_memory=False
    )
    for tries in (1, 2):
        with pytest.raises(InferenceError):
            asyncio.run(model.open_writer())
        assert session.release.await_count == tries
