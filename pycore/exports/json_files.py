"""JSON: one list, or one record a line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pycore.exports.record import ExportRecord


def json_file(records: Iterable[ExportRecord]) -> Iterator[bytes]:
    """Yield a list of records, piece by piece."""
    start = b"["
    for record in records:
        yield start + b"\n" + _written(record)
        start = b","
    yield b"[]\n" if start == b"[" else b"\n]\n"


def json_lines(records: Iterable[ExportRecord]) -> Iterator[bytes]:
    """Yield one record a line."""
    for record in records:
        yield _written(record) + b"\n"


def _written(record: ExportRecord) -> bytes:
    return json.dumps(record.to_dict(), ensure_ascii=False).encode("utf-8", "replace")
