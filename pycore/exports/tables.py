"""CSV out and in: for programs by RFC 4180, and harmless in spreadsheets.

A cell that a spreadsheet would run as a formula gets an apostrophe in front, which is taken away
when the file comes back. A cell that began with such an apostrophe gets one more, so that nothing
is lost either way. The wide signs of East Asian keyboards count, too: spreadsheets take them alike.

Source: RFC 4180, section 2; OWASP, "CSV Injection".
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from typing import TYPE_CHECKING

from pycore.errors import InputError
from pycore.exports.record import COLUMNS, ExportRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MAX_ROWS = 1_000_000
"""That a table coming in may have."""

_SIGNS = "=+-@＝＋－＠\t\r\n"
_FORMULA = re.compile(rf"'*[{re.escape(_SIGNS)}]")
_GUARDED = re.compile(rf"'+[{re.escape(_SIGNS)}]")
_FIRST = frozenset("'" + _SIGNS)
_DELIMITERS = ",;\t"
_PIECE = 1 << 16  # characters
_MAX_CELL = 1_000_000


def table(records: Iterable[ExportRecord], further: Sequence[str] = ()) -> Iterator[bytes]:
    """Yield a CSV file in pieces: UTF-8 with a mark, which spreadsheets need to see that.

    Args:
        records: the rows.
        further: names of columns behind `COLUMNS`, of the records' ``fields``.
    """
    return rows((*COLUMNS, *further), (record.to_cells(further) for record in records))


def rows(columns: Sequence[str], cells: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """Yield a CSV file of any columns, in pieces; see `table`."""
    lines = io.StringIO(newline="")
    writer = csv.writer(lines, lineterminator="\r\n")
    lines.write("\ufeff")
    writer.writerow(map(_guarded, columns))
    for line in cells:
        writer.writerow(map(_guarded, line))
        if lines.tell() > _PIECE:
            yield _taken(lines)
    yield _taken(lines)


def read_table(data: bytes) -> list[ExportRecord]:
    """Read a CSV file that was exported here, perhaps edited in a spreadsheet since.

    Args:
        data: UTF-8, or UTF-16 with a mark; parted by comma, semicolon or tab.

    Raises:
        InputError: no text, no column ``name``, or rows beyond the limit.
    """
    return read_rows(data)[1]


def read_rows(data: bytes) -> tuple[list[str], list[ExportRecord]]:
    """Return the columns that a table has, and its records; see `read_table`."""
    text = _decoded(data)
    head = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=head.count)
    csv.field_size_limit(_MAX_CELL)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        columns = [cell.strip().lower() for cell in next(lines, [])]
        if "name" not in columns:
            raise InputError(
                "That table has no column 'name', so its rows cannot be matched with images. "
                "Export one from here and edit that."
            )
        records: list[ExportRecord] = []
        for row in lines:
            if len(records) >= MAX_ROWS:
                raise InputError(f"That table has over {MAX_ROWS:,} rows. Split it and try again.")
            cells = dict(zip(columns, map(_unguarded, row), strict=False))
            if cells.get("name"):
                records.append(ExportRecord.from_cells(cells))
    except csv.Error as error:
        raise InputError(
            "That table is damaged and cannot be read. Save it again as CSV and try that.",
            detail=str(error),
        ) from error
    return [name for name in COLUMNS if name in columns], records


def _taken(lines: io.StringIO) -> bytes:
    """Return what was written, and make room for more."""
    text = lines.getvalue()
    lines.seek(0)
    lines.truncate()
    return text.encode("utf-8", "replace")


def _guarded(cell: str) -> str:
    # Most cells begin with a letter; looking for that alone is quick.
    if cell[:1] in _FIRST and _FORMULA.match(cell):
        return f"'{cell}"
    return cell


def _unguarded(cell: str) -> str:
    return cell[1:] if _GUARDED.match(cell) else cell


def _decoded(data: bytes) -> str:
    is_wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            "That table is not in UTF-8, so its letters cannot be told. Save it as 'CSV UTF-8' "
            "and try again.",
            detail=str(error),
        ) from error
