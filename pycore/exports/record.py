"""What an export says of one image."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Source = Literal["", "trainedAlgorithmicMedia", "humanEdits"]
"""Where words come from, by the terms of IPTC's digital source types: a model, or a person."""


@dataclass(frozen=True, slots=True)
class ExportRecord:
    """One image and its words.

    Attributes:
        name: of the file, with its folders, parted by "/".
        caption: as the model wrote it.
        alt_text: what is to stand for the image.
        extended_description: where the alt text is not enough.
        keywords: in order.
        text: that is in the picture.
        source: of the alt text.
        model: that wrote the caption.
        revision: of the model.
        state: of the work, e.g. "draft".
        reviewed: whether a person has read it.
        date: of the caption, ISO 8601; empty if unknown.
        sha256: of the file, in hexadecimal digits; empty if unknown.
        earlier: hashes that the file had before words were written into it; no column.
        by_person: of "keywords" and "text", those that a person wrote; no column.
        fields: further columns, by name; none of them has the name of one above.
    """

    name: str
    caption: str = ""
    alt_text: str = ""
    extended_description: str = ""
    keywords: tuple[str, ...] = ()
    text: str = ""
    source: Source = ""
    model: str = ""
    revision: str = ""
    state: str = ""
    reviewed: bool = False
    date: str = ""
    sha256: str = ""
    earlier: tuple[str, ...] = ()
    by_person: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, object]:
        """Return the values by column, as JSON has them."""
        return {name: _plain(getattr(self, name)) for name in COLUMNS} | dict(self.fields)

    def to_cells(self, further: Sequence[str] = ()) -> list[str]:
        """Return the values in the order of `COLUMNS` and of further ones, as text."""
        cells = [cell(getattr(self, name)) for name in COLUMNS]
        return cells + [cell(self.fields.get(name, "")) for name in further]

    @classmethod
    def from_cells(cls, cells: Mapping[str, str]) -> ExportRecord:
        """Make a record of texts by column; unknown columns are ignored, missing ones empty."""
        values: dict[str, object] = {name: cells[name] for name in COLUMNS if name in cells}
        if "keywords" in cells:
            parts = cells["keywords"].split(";")
            values["keywords"] = tuple(part.strip() for part in parts if part.strip())
        if "reviewed" in cells:
            values["reviewed"] = cells["reviewed"].strip().lower() in {"true", "yes", "1"}
        return cls(**values)  # type: ignore[arg-type]


_NO_COLUMNS = {"earlier", "by_person", "fields"}
COLUMNS = tuple(one.name for one in fields(ExportRecord) if one.name not in _NO_COLUMNS)
"""The names of the columns that every table has."""


def further_columns(records: Iterable[ExportRecord]) -> list[str]:
    """Return the names of all further columns that some record has, in order."""
    return list(dict.fromkeys(name for record in records for name in record.fields))


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def cell(value: object) -> str:
    """Return a value as a table has it."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, tuple):
        # In a cell the semicolon parts keywords; in one of them a comma has to do.
        return "; ".join(one.replace(";", ",") for one in value)
    return "true" if value else "false"
