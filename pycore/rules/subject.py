"""What a rule knows of an image, and may change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

State = Literal["automatic", "reviewed", "edited", "decorative"]
"""One of wording.STATES."""


@dataclass(frozen=True, slots=True)
class Subject:
    """An image and its words.

    Attributes:
        name: of the file, with its folders.
        caption: as the model wrote it.
        alt_text: what stands for the image.
        keywords: in order.
        text: that is in the picture.
        confidence: of the caption, 0 to 1; None if unknown.
        state: of the work.
        folder: in the zip of an export; empty for the one that it came from.
        is_flagged: whether a person should look at it.
        fields: further columns of an export.
    """

    name: str
    caption: str = ""
    alt_text: str = ""
    keywords: tuple[str, ...] = ()
    text: str = ""
    confidence: float | None = None
    state: State = "automatic"
    folder: str = ""
    is_flagged: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)
