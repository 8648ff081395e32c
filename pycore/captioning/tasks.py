"""What a model can be asked about an image: to caption it, to describe it at length, to read it."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

TaskName = Literal["caption", "detailed", "text"]


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that a model can be asked.

    Attributes:
        prompt_ids: tokens that the text encoder reads after the image; empty for models that are
            not asked in words.
        generation: default options of generation for it, by transformers' names.
    """

    prompt_ids: tuple[int, ...] = ()
    generation: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


CAPTION_ONLY: Mapping[TaskName, Task] = MappingProxyType({"caption": Task()})
"""The tasks of a model that does nothing but caption."""
