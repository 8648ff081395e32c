"""The Python API in Pyodide, in CPython: JavaScript is a stand-in, and so is the model."""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Iterator
from typing import Any
from unittest.mock import AsyncMock, MagicMock

import pytest
from PIL import Image

from pycore.errors import ConfigurationError, UnsupportedImageError
from pycore.onnx_graph.graph_cache import code_hash
from pycore.recognition.router import KINDS, Kind
from tests.unit.captioning.test_image_captioner import PNG, Fakes
from tests.unit.images.image_samples import encode, pattern

PHOTOGRAPH = encode(pattern(60, 90), "PNG")


@pytest.fixture
def captioner(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a captioner to which the larger image is a photograph."""
    for name in ("js", "pyodide", "pyodide.code", "pyodide.ffi"):
        monkeypatch.setitem(sys.modules, name, MagicMock())
    before = set(sys.modules)
    made = importlib.import_module("seesay.pyodide.captioner").Captioner()
    fakes = Fakes("drawing")

    async def route(image: Image.Image) -> dict[Kind, float]:
        kind: Kind = "drawing" if image.size == (80, 60) else "photograph"
        return {**dict.fromkeys(KINDS, 0.0), kind: 1.0}

    fakes.captioner._route = route
    made._open = AsyncMock(return_value=fakes.captioner)
    yield made
    for name in set(sys.modules) - before:
        del sys.modules[name]


class SlowReader:
    """Stands for text_reader.mjs: the worker reads in order; whoever asked last is told."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self._sizes: list[tuple[int, int]] = []

    async def read(self, image: Image.Image, _language: str, _stop: object) -> tuple[int, int]:
        self._answer: asyncio.Future[tuple[int, int]] = asyncio.get_running_loop().create_future()
        self._sizes.append(image.size)
        self.asked.set()
        return await self._answer

    def finish_one(self) -> None:
        """Let the worker end what it began first."""
        self._answer.set_result(self._sizes.pop(0))

    def close(self) -> None:
        self._sizes.clear()


def test_a_picture_never_gets_the_words_of_one_that_was_cancelled(captioner: Any) -> None:
    async def check() -> None:
        reader = captioner._reader = SlowReader()
        captioner._load = AsyncMock(return_value=MagicMock())

        async def begin(data: bytes) -> asyncio.Task[Any]:
            pipeline = await type(captioner)._open(captioner, None, data)
            reader.asked.clear()
            task = asyncio.create_task(pipeline._read_text(None, "eng"))
            await reader.asked.wait()
            return task

        first = await begin(PNG)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        second = await begin(PHOTOGRAPH)
        reader.finish_one()
        assert await second == (90, 60)

    asyncio.run(check())


def test_split_graphs_are_named_by_the_code_that_makes_them(captioner: Any, monkeypatch) -> None:
    module = sys.modules["seesay.pyodide.captioner"]
    load = AsyncMock()
    monkeypatch.setattr(module, "load_model", load)
    monkeypatch.setattr(module, "start_runtime", AsyncMock())
    asyncio.run(captioner._load(None))
    assert load.await_args is not None
    assert load.await_args.args[3] == code_hash()


def test_each_of_many_images_ends_by_itself(captioner: Any) -> None:
    async def check() -> None:
        images = [PHOTOGRAPH, b"no image", PNG]
        ends = [end async for end in captioner.caption_all(images, prefix="a cat")]
        assert [end.index for end in ends] == [0, 1, 2]
        errors = [type(end.error) for end in ends[:2]]
        assert errors == [ConfigurationError, UnsupportedImageError]
        assert ends[2].result.kind == "drawing"

    asyncio.run(check())


@pytest.mark.parametrize("options", [{"colour": "red"}, {"num_beams": 0}])
def test_what_goes_with_no_image_is_refused_before_any(captioner: Any, options: Any) -> None:
    async def check() -> None:
        images = MagicMock()
        with pytest.raises(ConfigurationError):
            async for _ in captioner.caption_all(images, **options):
                pass
        assert images.mock_calls == []

    asyncio.run(check())
