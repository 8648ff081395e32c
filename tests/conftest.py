"""What every test has around it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.library.library_samples import close_databases


@pytest.fixture(scope="module", autouse=True)
def databases_closed() -> Iterator[None]:
    """Close a module's libraries in the thread that opened them; SQLite asks for it."""
    yield
    close_databases()
