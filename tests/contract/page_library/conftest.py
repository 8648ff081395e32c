"""The queue of the page's library, for its tests."""

from __future__ import annotations

import pytest

from tests.contract.library_page import Page
from tests.contract.page_library.queue_page import Desk


@pytest.fixture
def desk(page: Page) -> Desk:
    """Return the queue with everything around it."""
    return Desk(page)
