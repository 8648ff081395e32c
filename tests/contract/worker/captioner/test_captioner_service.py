"""The worker's service, in CPython: JavaScript is a stand-in, and so are the models."""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Iterator
from typing import Any
from unittest.mock import AsyncMock, MagicMock

import pytest


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a service that loads models which are none."""
    for name in ("js", "pyodide", "pyodide.ffi"):
        monkeypatch.setitem(sys.modules, name, MagicMock())
    before = set(sys.modules)
    module = importlib.import_module("worker.captioner.main")

    async def load_model(name: str, *_parts: object, at_once: bool, **_: object) -> MagicMock:
        model = MagicMock(at_once=at_once, runtime_model=AsyncMock())
        model.name = name
        return model

    monkeypatch.setattr(module, "load_model", load_model)
    made = module.CaptionService(MagicMock())
    made._find_source = AsyncMock()
    yield made
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_the_model_for_drawings_is_created_for_who_asks_for_it_alone(service: Any) -> None:
    """A photograph is described, and a page read, without its sessions."""

    async def check() -> None:
        starter = await service._load("starter", MagicMock())
        assert not starter.at_once
        starter.runtime_model.load.assert_not_awaited()
        await service._load_only(MagicMock(), {"model": "starter"})
        assert service._model is starter
        starter.runtime_model.load.assert_awaited_once()
        other = await service._load("vit-gpt2", MagicMock())
        assert other.at_once

    asyncio.run(check())
