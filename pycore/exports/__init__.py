"""Captions and alt text out as files: tables, HTML, Markdown, sidecars, all in a zip.

Everything is made piece by piece, so that memory stays flat however many images there are.
"""

from __future__ import annotations

from pycore.exports.json_files import json_file, json_lines
from pycore.exports.merge import Conflict, Merge, Update, merge
from pycore.exports.record import COLUMNS, ExportRecord, further_columns
from pycore.exports.sidecars import text_sidecars, xmp_sidecars
from pycore.exports.snippets import html_snippets, markdown_snippets
from pycore.exports.tables import read_table, rows, table
from pycore.exports.zip_files import ZipWriter, safe_names, zip_file

__all__ = [
    "COLUMNS",
    "Conflict",
    "ExportRecord",
    "Merge",
    "Update",
    "ZipWriter",
    "further_columns",
    "html_snippets",
    "json_file",
    "json_lines",
    "markdown_snippets",
    "merge",
    "read_table",
    "rows",
    "safe_names",
    "table",
    "text_sidecars",
    "xmp_sidecars",
    "zip_file",
]
