"""Lists of images: search as you type, filters, orders, windows of rows."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from pycore.library.records import ListedImage
from pycore.library.search_terms import match_expression

if TYPE_CHECKING:
    from pycore.library.database import Value
    from pycore.library.named_statements import NamedStatements
    from pycore.library.records import JobState, Standing

Sort = Literal["newest", "oldest", "name", "date", "confidence"]
"""newest, oldest: by when an image was added. date: when it was taken, newest first. confidence:
least sure first, which is the order to review in."""

_ORDERS: Mapping[Sort, tuple[str, str | None]] = {
    "newest": ("newest", None),
    "oldest": ("oldest", None),
    "name": ("by_name", "name"),
    "date": ("by_date", "sort_date"),
    "confidence": ("by_confidence", "sort_confidence"),
}
"""For each order, the name of its statements, and the field that it goes by beside the id."""


@dataclass(frozen=True, slots=True)
class Query:
    """Which images; what is None, or empty, leaves all of them.

    Attributes:
        text: as a person types it; every word must begin one of the image's words.
        state: who stands for the words.
        model: that wrote the newest caption.
        min_confidence, max_confidence: of the newest caption, the second one excluded.
        looks_like_text: whether the image is mostly writing.
        taken_from, taken_before: the camera's clock, or a beginning of it: ``2026-07``.
        job_state: where it is in the queue.
        folder: this one and all below it.
        mark: of rules: ``flagged``, ``/`` and the folder in exports, or a field's name and value
            as JSON: ``["licence","mine"]``.
    """

    text: str = ""
    state: Standing | None = None
    model: str | None = None
    min_confidence: float | None = None
    max_confidence: float | None = None
    looks_like_text: bool | None = None
    taken_from: str | None = None
    taken_before: str | None = None
    job_state: JobState | None = None
    folder: str | None = None
    mark: str | None = None

    def parameters(self) -> dict[str, Value]:
        """Return it as the statements take it."""
        known: dict[str, Any] = asdict(self)
        if self.looks_like_text is not None:
            known["looks_like_text"] = int(self.looks_like_text)
        return {"match": match_expression(known.pop("text")), **known}


@dataclass(frozen=True, slots=True)
class Counts:
    """How many images there are, in all and by what a filter asks for.

    Attributes:
        images: all.
        states, models, jobs, marks: by name; names that count nothing are not there.
        folders: by path, without those below; an image that lies in two counts in both.
    """

    images: int
    states: Mapping[str, int]
    models: Mapping[str, int]
    folders: Mapping[str, int]
    jobs: Mapping[str, int]
    marks: Mapping[str, int]


class Listing:
    """The images of a library as rows."""

    def __init__(self, statements: NamedStatements) -> None:
        self._statements = statements

    async def rows(
        self,
        query: Query,
        *,
        sort: Sort = "newest",
        after: ListedImage | None = None,
        limit: int = 100,
    ) -> list[ListedImage]:
        """Return a window of the list: at most ``limit`` rows behind the row ``after``."""
        order, field = _ORDERS[sort]
        place: dict[str, Value] = {"after_id": after.id if after else None}
        if field:
            place["after_key"] = getattr(after, field) if after else None
        rows = await self._statements.rows(
            f"rows_{order}", **query.parameters(), **place, limit=limit
        )
        return [ListedImage.from_row(row) for row in rows]

    async def ids(self, query: Query, *, sort: Sort = "newest") -> list[int]:
        """Return the ids of the whole list in order, for scrolling anywhere and for "select all".

        Takes as long as the library is large: once for each search, not for each window.
        """
        order, field = _ORDERS[sort]
        parameters: dict[str, Value] = {**query.parameters(), "after_id": None}
        if field:
            parameters["after_key"] = None
        match = parameters["match"]
        if query != Query(text=query.text) or (match and sort != "newest"):
            rows = await self._statements.rows(f"ids_{order}", **parameters)
        elif match:
            rows = await self._statements.rows("ids_matching", match=match)
        else:
            rows = await self._statements.rows(
                "ids_all" if sort == "newest" else f"ids_all_{order}"
            )
        return [int(str(row["id"])) for row in rows]

    async def of_ids(self, ids: Collection[int]) -> list[ListedImage]:
        """Return the rows of these images, in their order; those that are gone are left out."""
        rows = await self._statements.rows("rows_of_ids", ids=json.dumps([*ids]))
        return [ListedImage.from_row(row) for row in rows]

    async def words_to_export(self, ids: Collection[int]) -> list[dict[str, Any]]:
        """Return what an export says of these images, in their order (``ExportRecord``)."""
        rows = await self._statements.rows("words_to_export", ids=json.dumps([*ids]))
        return [
            {
                **row,
                "keywords": json.loads(str(row["keywords"])),
                "reviewed": bool(row["reviewed"]),
                "earlier": json.loads(str(row["earlier"])),
                "by_person": json.loads(str(row["by_person"])),
                "fields": json.loads(str(row["fields"])),
            }
            for row in rows
        ]

    async def count(self, query: Query) -> int:
        """Return how many images a query finds."""
        if query == Query():
            return (await self.counts()).images
        known = query.parameters()
        if known["match"] and query == Query(text=query.text):
            (row,) = await self._statements.rows("count_matching", match=known["match"])
        else:
            (row,) = await self._statements.rows("count_found", **known)
        return int(str(row["count"]))

    async def counts(self) -> Counts:
        """Return the counts that are kept: as fast for 100,000 images as for ten."""
        by_kind: dict[str, dict[str, int]] = {}
        for row in await self._statements.rows("tallies"):
            names = by_kind.setdefault(str(row["kind"]), {})
            names[str(row["name"])] = int(str(row["count"]))
        return Counts(
            images=by_kind.get("image", {}).get("all", 0),
            states=by_kind.get("state", {}),
            models=by_kind.get("model", {}),
            folders=by_kind.get("folder", {}),
            jobs=by_kind.get("job", {}),
            marks=by_kind.get("mark", {}),
        )
