"""Fixtures of the tests of the page around one image, for ``pytest_plugins``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest

from tests.contract.page.image_page import Browser, Elements
from tests.contract.page.page_stand_ins import imported_afresh


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def elements(monkeypatch: pytest.MonkeyPatch, browser: Browser) -> Iterator[Elements]:
    elements = Elements()
    pyscript: Any = ModuleType("pyscript")
    pyscript.document = MagicMock()
    pyscript.document.getElementById = elements.__getitem__
    pyscript.document.createElement = lambda _name: SimpleNamespace(textContent="")
    pyscript.window = SimpleNamespace(JSON=SimpleNamespace(stringify=json.dumps))
    with imported_afresh(monkeypatch, pyscript, browser.modules()):
        yield elements
