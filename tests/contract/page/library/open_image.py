"""One image of the library, opened from a list."""

from __future__ import annotations

import importlib
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock, MagicMock

from tests.contract.page.library_page import HANDLES, Page


def press(
    image: Any, key: str, *, field: bool = False, ctrl: bool = False, on: str = "section"
) -> Any:
    event = MagicMock(key=key, ctrlKey=ctrl, metaKey=False, altKey=False)
    tag = "textarea" if field else on
    event.target.matches = lambda selector: tag in selector.split(", ")
    image._on_key(event)
    return event


async def opened(page: Page, *entries: Any) -> Any:
    """Open the first image of a list, the oldest first."""
    keeper = await page.kept(*entries)
    library = await keeper.library()
    query = importlib.import_module("page.library.query").Query()
    query.sort = "oldest"
    grid = SimpleNamespace(ids=(await library.find(query))[0], count=len(entries))
    problems: list[Any] = []
    module = importlib.import_module("page.library.image.page")
    image = module.ImagePage(page.captioner, grid, problems.append)
    image.open(library, page.link)
    assert await image.show(entries[0].result.image.sha256)
    return image


def asked_again(page: Page, *texts: str) -> Any:
    """Let the files of the images be at hand, and the model say this of each; return the result."""
    page.link.file = "blob:1"
    page.link.originals.find = AsyncMock(return_value="file")
    candidates = [SimpleNamespace(text=text, attention="01") for text in texts]
    image = SimpleNamespace(seen=[0, 0, 1, 1], sha256=HANDLES[0])
    result = SimpleNamespace(candidates=candidates, image=image)
    page.captioner.caption = AsyncMock(return_value=result)
    page.window.AbortController = SimpleNamespace(new=MagicMock)
    return result
