"""What a model can be asked: a caption, a long description, the text, the things in a picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TaskName = Literal["caption", "detailed", "text", "objects"]


@dataclass(frozen=True, slots=True)
class FoundObject:
    """One thing in a picture.

    Attributes:
        label: what it is.
        box: (left, top, right, bottom) as shares of width and height, 0 to 1, from the upper left.
    """

    label: str
    box: tuple[float, float, float, float]

    def within(self, seen: tuple[float, float, float, float]) -> FoundObject:
        """Return it as part of the image of which only ``seen``, alike in shares, was looked at."""
        left, top, right, bottom = seen
        width, height = right - left, bottom - top
        x0, y0, x1, y1 = self.box
        box = (left + x0 * width, top + y0 * height, left + x1 * width, top + y1 * height)
        return FoundObject(self.label, box)


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that a model can be asked.

    Attributes:
        prompt_ids: tokens that the text encoder reads after the image; empty for models that are
            not asked in words.
        generation: default options of generation for it, by transformers' names.
        read_objects: finds things and their places, as shares of what the model saw, in an answer
            with its special tokens; None where the answer is prose.
    """

    prompt_ids: tuple[int, ...] = ()
    generation: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    read_objects: Callable[[str], tuple[FoundObject, ...]] | None = None


CAPTION_ONLY: Mapping[TaskName, Task] = MappingProxyType({"caption": Task()})
"""The tasks of a model that does nothing but caption."""
