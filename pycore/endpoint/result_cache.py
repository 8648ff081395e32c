"""Answers from before, by image, model and parameters; the oldest go first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

MOST_RESULTS = 1000

Key = tuple[str, str, str]
"""SHA-256 of the image, model with its revision, chain of tasks."""


class ResultCache:
    """Keeps results.

    Args:
        most: of them.
    """

    def __init__(self, most: int = MOST_RESULTS) -> None:
        self._most = most
        self._results: OrderedDict[Key, Mapping[str, Any]] = OrderedDict()

    def get(self, key: Key) -> Mapping[str, Any] | None:
        """Return what was kept, or None."""
        result = self._results.get(key)
        if result is not None:
            self._results.move_to_end(key)
        return result

    def put(self, key: Key, result: Mapping[str, Any]) -> None:
        """Keep a result."""
        self._results[key] = result
        self._results.move_to_end(key)
        while len(self._results) > self._most:
            self._results.popitem(last=False)
