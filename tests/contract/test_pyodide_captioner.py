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
