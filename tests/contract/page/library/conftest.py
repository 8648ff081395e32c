"""The queue of the page's library, for its tests."""

from __future__ import annotations

import pytest

from tests.contract.page.library.queue_page import Desk
from tests.contract.page.library_page import Page


@pytest.fixture
def desk(page: Page) -> Desk:
    """Return the queue with everything around it."""
    return Desk(page)
