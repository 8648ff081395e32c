"""What is granted to programs, on the page: where the browser keeps nothing, it says so."""

from __future__ import annotations

import asyncio
import importlib
import sys
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock, MagicMock

import pytest

from tests.contract.page.image_page import Elements

pytest_plugins = ["tests.contract.page.image_page_fixtures"]


class World:
    """The panel, on grants that a test may break."""

    def __init__(self, elements: Elements) -> None:
        pyscript: Any = sys.modules["pyscript"]
        pyscript.window = MagicMock(showDirectoryPicker=AsyncMock(return_value="handle"))
        pyscript.document.createElement = MagicMock()
        self.grants = SimpleNamespace(
            folders=AsyncMock(return_value=[SimpleNamespace(alias="photos")]),
            sites=AsyncMock(return_value=[]),
            isReadable=AsyncMock(return_value=True),
            grantFolder=AsyncMock(),
            askAgain=AsyncMock(),
            revoke=AsyncMock(),
        )
        pyscript.js_import = AsyncMock(return_value=[self.grants])
        self.module = importlib.import_module("page.endpoint.programs")
        self.elements = elements
        self.panel = self.module.Programs()

    def break_down(self, name: str) -> None:
        error = sys.modules["jsffi"].JsException
        getattr(self.grants, name).side_effect = error("QuotaExceededError")

    @property
    def problem(self) -> Any:
        return self.elements["programs-problem"].textContent


@pytest.fixture
def world(elements: Elements) -> World:
    return World(elements)


@pytest.mark.parametrize("broken", ["folders", "grantFolder"])
def test_a_folder_that_cannot_be_kept(world: World, broken: str) -> None:
    world.elements["folder-alias"].value = "letters"
    world.break_down(broken)
    asyncio.run(world.panel.choose())
    assert world.problem == world.module.NOT_KEPT
    assert world.elements["folder-alias"].value == "letters"  # to be tried again


def test_a_folder_is_kept_under_a_name_that_is_free(world: World) -> None:
    world.elements["folder-alias"].value = "photos"
    asyncio.run(world.panel.choose())
    assert world.problem == world.module.TAKEN
    world.elements["folder-alias"].value = "letters"
    asyncio.run(world.panel.choose())
    world.grants.grantFolder.assert_awaited_once_with("letters", "handle")
    assert world.problem == ""


@pytest.mark.parametrize(
    ("broken", "act", "sentence"),
    [("revoke", "_revoke", "NOT_REVOKED"), ("askAgain", "_allow", "NOT_ALLOWED")],
)
def test_what_the_browser_does_not_do(world: World, broken: str, act: str, sentence: str) -> None:
    asyncio.run(world.panel.show())
    world.break_down(broken)
    asyncio.run(getattr(world.panel, act)(*{"_revoke": ("folders",)}.get(act, ()), "photos"))
    assert world.problem == getattr(world.module, sentence)
