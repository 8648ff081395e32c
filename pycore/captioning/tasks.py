"""What a model can be asked: a caption, a long description, the text, the things in a picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pycore.captioning.found_object import FoundObject

TaskName = Literal["caption", "detailed", "text", "objects"]


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
