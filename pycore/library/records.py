"""What the library holds and answers, as values."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from pycore.library.database import Row, Value

ReviewState = Literal["automatic", "reviewed", "edited", "decorative"]
"""Who stands for an image's words: nobody yet, a person who read them, a person who wrote them; or
the image says nothing and needs none."""

Standing = Literal["automatic", "file", "reviewed", "edited", "decorative"]
"""Likewise; "file": nobody did anything about it here, but its file carries words."""

JobState = Literal["waiting", "working", "done", "failed", "set_aside"]

Which = Literal["all", "without caption", "not by this model"]
"""Which of some images to put into the queue."""


@dataclass(frozen=True, slots=True)
class NewImage:
    """An image file to add.

    Attributes:
        sha256: of its bytes, 64 hexadecimal digits in lower case: the image's handle.
        name: of the file.
        folder: its path, parts joined by "/", none at either end; empty for none.
        taken_at: the camera's clock, ``2026-11-27T12:00:00``, or None.
        size_bytes: of the file.
        media_type: ``image/jpeg`` and so on.
        width, height: in pixels, as shown upright.
        thumbnail_type, thumbnail: a small picture of it and its media type, or None.
    """

    sha256: str
    name: str
    folder: str
    taken_at: str | None
    size_bytes: int
    media_type: str
    width: int
    height: int
    thumbnail_type: str | None = None
    thumbnail: bytes | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A folder and a name that an image was found under."""

    folder: str
    name: str


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small picture of an image."""

    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Order:
    """What to caption with.

    Attributes:
        model: its id.
        revision: of the model.
        options: of the caption, JSON-like; the same options in another order are the same.
    """

    model: str
    revision: str
    options: Mapping[str, Any] = field(default_factory=dict)

    def parameters(self) -> dict[str, Value]:
        """Return it as the statements take it."""
        options = json.dumps(self.options, sort_keys=True, separators=(",", ":"))
        return {"model": self.model, "revision": self.revision, "options": options}


@dataclass(frozen=True, slots=True)
class MachineWords:
    """What a model says about an image.

    Attributes:
        text: the best candidate.
        candidates: all of them, best first.
        keywords: most fitting first.
        text_in_picture: what is written in the image; empty for nothing.
        confidence: 0 to 1.
        looks_like_text: the image is mostly writing: a caption says little about it.
    """

    text: str
    candidates: Sequence[str]
    keywords: Sequence[str]
    text_in_picture: str
    confidence: float
    looks_like_text: bool


@dataclass(frozen=True, slots=True)
class FileWords:
    """Words of a person that an image's file carries; empty ones are not there.

    Attributes:
        alt_text: what stands for the image.
        extended_description: a longer one.
        description: a caption; it stands for the image where there is no alt text.
        keywords: in the file's order.
    """

    alt_text: str = ""
    extended_description: str = ""
    description: str = ""
    keywords: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Caption:
    """A machine's words as the library keeps them, with what they were made by and when (UTC)."""

    id: int
    image_id: int
    words: MachineWords
    order: Order
    made_at: str

    @classmethod
    def from_row(cls, row: Row) -> Caption:
        """Read a row of the table ``caption``."""
        values: dict[str, Any] = dict(row)
        words = MachineWords(
            text=values["text"],
            candidates=tuple(json.loads(values["candidates"])),
            keywords=tuple(json.loads(values["keywords"])),
            text_in_picture=values["text_in_picture"],
            confidence=values["confidence"],
            looks_like_text=bool(values["looks_like_text"]),
        )
        order = Order(values["model"], values["revision"], json.loads(values["options"]))
        return cls(values["id"], values["image_id"], words, order, values["made_at"])


@dataclass(frozen=True, slots=True)
class PersonWords:
    """What a person says about an image; None lets the machine's words stand.

    Attributes:
        text: the alt text.
        description: a longer one, where the alt text is not enough.
        keywords: in the person's order.
        text_in_picture: what is written in the image.
    """

    text: str | None = None
    description: str | None = None
    keywords: Sequence[str] | None = None
    text_in_picture: str | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """What a person did about an image: its state, the words, and when (UTC)."""

    state: ReviewState
    words: PersonWords
    changed_at: str

    @classmethod
    def from_row(cls, row: Row) -> Review:
        """Read a row of the table ``review``."""
        values: dict[str, Any] = dict(row)
        words = PersonWords(
            values["text"],
            values["description"],
            json_list(values["keywords"]),
            values["text_in_picture"],
        )
        return cls(values["state"], words, values["changed_at"])


@dataclass(frozen=True, slots=True)
class ListedImage:
    """A row of the list: an image with the words that hold, and the machine's beside them.

    Attributes:
        id: the library's number of it; never used for another image.
        sha256, name, folder, taken_at, size_bytes, media_type, width, height: see ``NewImage``.
        added_at: UTC.
        state: who stands for the words.
        model, confidence, looks_like_text: of the newest caption; None without one.
        text: the person's alt text, else the file's, else the machine's caption; None without any.
        description: the person's, else the file's; None without one.
        keywords: the person's, else the file's, else the machine's; None without any.
        text_in_picture: the person's, else the machine's; None without either.
        export_folder, fields, is_flagged: marks of rules: the folder in exports, "" for its own;
            further columns of exports by name; whether a person should look at it.
        machine_text: the newest caption, whatever the person wrote.
        file_text: alt text or caption in the file, likewise; None for none.
        job_state, job_message: where it is in the queue, and why it failed; None when not in it.
        sort_date, sort_confidence: what orders go by: never None.
    """

    id: int
    sha256: str
    name: str
    folder: str
    taken_at: str | None
    added_at: str
    size_bytes: int
    media_type: str
    width: int
    height: int
    state: Standing
    model: str | None
    confidence: float | None
    looks_like_text: bool | None
    text: str | None
    description: str | None
    keywords: tuple[str, ...] | None
    text_in_picture: str | None
    export_folder: str
    fields: Mapping[str, str]
    is_flagged: bool
    machine_text: str | None
    file_text: str | None
    job_state: JobState | None
    job_message: str | None
    sort_date: str
    sort_confidence: float

    @classmethod
    def from_row(cls, row: Row) -> ListedImage:
        """Read a row of the view ``listing``."""
        values: dict[str, Any] = dict(row)
        flag = values.pop("looks_like_text")
        keywords = json_list(values.pop("keywords"))
        fields = json.loads(values.pop("fields"))
        is_flagged = bool(values.pop("is_flagged"))
        return cls(
            **values,
            looks_like_text=None if flag is None else bool(flag),
            keywords=keywords,
            fields=fields,
            is_flagged=is_flagged,
        )


def json_list(text: Any) -> tuple[str, ...] | None:
    """Read a JSON array of strings; None stays None."""
    return None if text is None else tuple(json.loads(text))
