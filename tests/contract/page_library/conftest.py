"""Fixtures of the library's tests: the page's modules, and the queue on them."""

from __future__ import annotations

import pytest

from tests.contract.library_page import Page, page  # noqa: F401 - a fixture
from tests.contract.page_library.queue_page import Desk


@pytest.fixture
def desk(page: Page) -> Desk:  # noqa: F811 - the fixture
    """Return the queue with everything around it."""
    return Desk(page)
