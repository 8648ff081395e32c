"""The person's words and states, with undo."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from pycore.library.images import to_json
from pycore.library.records import Review

if TYPE_CHECKING:
    from pycore.library.database import Call, Row
    from pycore.library.named_statements import NamedStatements
    from pycore.library.records import PersonWords, ReviewState


@dataclass(frozen=True, slots=True)
class Step:
    """Something a person did in one go.

    Attributes:
        id: grows from step to step.
        label: ``edit``, ``accept``, ``table``, ``decorative``, ``reset``, ``rules`` or ``marks``.
        made_at: UTC.
        image_count: how many images it changed.
    """

    id: int
    label: str
    made_at: str
    image_count: int

    @classmethod
    def from_row(cls, row: Row) -> Step:
        """Read a row of the statement ``undo_steps``."""
        values: dict[str, Any] = dict(row)
        return cls(**values)


@dataclass(frozen=True, slots=True)
class RuledImage:
    """What rules made of an image; None lets stand what is there.

    Attributes:
        id: the library's number of it.
        state: who stands for the words now; "automatic" brings the machine's back.
        keywords: all of them.
        export_folder: that it has in exports; "" for its own.
        fields: further columns of exports, all of them.
        is_flagged: whether a person should look at it.
    """

    id: int
    state: ReviewState | None = None
    keywords: Sequence[str] | None = None
    export_folder: str | None = None
    fields: Mapping[str, str] | None = None
    is_flagged: bool | None = None


class Reviews:
    """What people did about images. Each method that changes something is one step to undo."""

    def __init__(self, statements: NamedStatements) -> None:
        self._statements = statements

    async def get(self, image_id: int) -> Review | None:
        """Return what a person did about an image; None when nobody looked."""
        rows = await self._statements.rows("get_review", image_id=image_id)
        return Review.from_row(rows[0]) if rows else None

    async def edit(self, image_id: int, words: PersonWords) -> None:
        """Set a person's words; all of them, so what is None goes back to the machine's.

        But for keywords that rules gave to an image whose words nobody had touched: None lets them
        stand. Whoever took them away names those that are left.
        """
        await self._step("edit", self._written(image_id, "edited", words))

    async def choose(self, image_id: int, words: PersonWords) -> None:
        """Accept an image with another of the machine's candidates: reviewed, not edited."""
        await self._step("accept", self._written(image_id, "reviewed", words))

    async def accept(self, ids: Collection[int]) -> None:
        """Accept the words of images: they stay when another model writes others.

        What was edited stays edited; images without words are left out.
        """
        await self._step("accept", self._statements.call("accept", ids=json.dumps([*ids])))

    async def take_table(self, edited: Mapping[int, PersonWords], read: Collection[int]) -> None:
        """Take what a table brought.

        Args:
            edited: words of a person by the image's id; see ``edit``.
            read: images whose words were read; see ``accept``.
        """
        calls = [self._written(image_id, "edited", words) for image_id, words in edited.items()]
        await self._step("table", *calls, self._statements.call("accept", ids=json.dumps([*read])))

    async def mark_decorative(self, ids: Collection[int]) -> None:
        """Say that images need no words; those that a person wrote are kept aside."""
        call = self._statements.call("mark_decorative", ids=json.dumps([*ids]))
        await self._step("decorative", call)

    async def reset(self, ids: Collection[int]) -> None:
        """Go back to the file's words, or the machine's, as if nobody had looked; marks stay."""
        some = json.dumps([*ids])
        call = self._statements.call
        await self._step("reset", call("forget_words", ids=some), call("reset", ids=some))

    async def write_by_rules(self, changes: Collection[RuledImage]) -> None:
        """Take what rules made of images."""
        known = [asdict(one).items() for one in changes]
        data = [{name: value for name, value in one if value is not None} for one in known]
        text = json.dumps(data, ensure_ascii=False)
        await self._step("rules", self._statements.call("write_by_rules", changes=text))

    async def clear_marks(self, ids: Collection[int]) -> None:
        """Take the marks of rules away: folders in exports, further columns, flags."""
        call = self._statements.call("clear_marks", ids=json.dumps([*ids]))
        await self._step("marks", call)

    async def undo(self) -> Step | None:
        """Take back the newest step; returns it, or None when there is none."""
        names = ("begin_undo", "undo_remove", "undo_restore", "end_undo", "forget_undone")
        *_, steps, _ = await self._statements.run(*map(self._statements.call, names))
        return Step.from_row(steps[0]) if steps else None

    async def undo_steps(self, limit: int = 50) -> list[Step]:
        """Return the steps that can be undone, newest first."""
        rows = await self._statements.rows("undo_steps", limit=limit)
        return [Step.from_row(row) for row in rows]

    async def _step(self, label: str, *changes: Call) -> None:
        call = self._statements.call
        await self._statements.run(
            call("open_step", label=label),
            *changes,
            call("drop_empty_steps"),
            call("close_step"),
        )

    def _written(self, image_id: int, state: str, words: PersonWords) -> Call:
        return self._statements.call(
            "write_review",
            image_id=image_id,
            state=state,
            text=words.text,
            description=words.description,
            keywords=None if words.keywords is None else to_json(words.keywords),
            text_in_picture=words.text_in_picture,
        )
