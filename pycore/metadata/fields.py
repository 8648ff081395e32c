"""The words that an image file can carry, and how a change of them is asked for and described."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Literal

from pycore.errors import ConfigurationError, MetadataError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

PROGRAM = "Seesay"
"""How `ImageWords.caption_writer` begins where Seesay wrote the words."""

MAX_TEXT = 100_000
"""Characters of one text."""
MAX_KEYWORDS = 1_000

# What XML 1.0 has no way to write: control characters, halves of surrogate pairs, non-characters.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

Outcome = Literal["none", "same", "kept", "added", "replaced", "removed"]


@dataclass(frozen=True, slots=True)
class ImageWords:
    """The words in an image file; an empty one is not there.

    Attributes:
        alt_text: what stands for the image where it is not seen (IPTC Alt Text Accessibility).
        extended_description: more of it, where the alt text is not enough (IPTC Extended
            Description Accessibility).
        description: a caption, in XMP, EXIF and IPTC-IIM alike.
        keywords: in the order of the file, no two alike.
        caption_writer: who wrote these words, e.g. "Seesay, ViT-GPT2; not reviewed".
    """

    alt_text: str = ""
    extended_description: str = ""
    description: str = ""
    keywords: tuple[str, ...] = ()
    caption_writer: str = ""

    def cleaned(self) -> ImageWords:
        """Return the words without what no file can hold, outer blanks and doubles.

        Raises:
            MetadataError: a text or the list of keywords is longer than the limit.
        """
        texts = {name: clean(getattr(self, name)) for name in TEXTS}
        keywords = merged((), map(clean, self.keywords))
        longest = max(map(len, (*texts.values(), *keywords)))
        if longest > MAX_TEXT:
            raise MetadataError(
                f"That text is {longest:,} characters long; the limit for words in an image is "
                f"{MAX_TEXT:,}. Make it shorter and try again."
            )
        if len(keywords) > MAX_KEYWORDS:
            raise MetadataError(
                f"Those are {len(keywords):,} keywords; the limit for one image is "
                f"{MAX_KEYWORDS:,}. Take some away and try again."
            )
        return replace(self, keywords=keywords, **texts)


def joined_words(*found: ImageWords) -> ImageWords:
    """Join the words of several places: of each text the first that there is, and all keywords."""
    texts = {name: next(filter(None, (getattr(one, name) for one in found)), "") for name in TEXTS}
    return ImageWords(
        **texts, keywords=merged((), (word for one in found for word in one.keywords))
    )


FIELDS = tuple(one.name for one in fields(ImageWords))
"""The names of all fields."""
TEXTS = tuple(name for name in FIELDS if name != "keywords")


@dataclass(frozen=True, slots=True)
class WritePolicy:
    """How far a change may go.

    Attributes:
        replace: names of the fields whose existing words may be replaced. Those of all others are
            kept; for keywords, kept means that new ones are added to them.
        exif: write the description to EXIF too, where the file has EXIF.
        iim: write description and keywords to IPTC-IIM too, where the file has it.
        date: for ``xmp:MetadataDate``; None leaves that alone.
        break_signature: write into a C2PA-signed file, whose signature then no longer holds.
    """

    replace: frozenset[str] = field(default_factory=frozenset)
    exif: bool = True
    iim: bool = True
    date: datetime | None = None
    break_signature: bool = False

    def __post_init__(self) -> None:
        """Check the names.

        Raises:
            ConfigurationError: a name in ``replace`` is no field's.
        """
        if unknown := sorted(self.replace - set(FIELDS)):
            raise ConfigurationError(f"There is no field {unknown[0]!r}; there are {FIELDS}.")


@dataclass(frozen=True, slots=True)
class FieldChange:
    """What happens to one field.

    Attributes:
        name: of the field.
        before: its text or keywords now.
        after: its text or keywords once written.
        outcome: "none" if nothing was asked for, "same" if it is there already, "kept" if other
            words are there and stay, else "added", "replaced" or "removed".
    """

    name: str
    before: str | tuple[str, ...]
    after: str | tuple[str, ...]
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Change:
    """What a write will do, before it is done.

    Attributes:
        format: of the file: "JPEG", "PNG", "WebP" or "TIFF".
        fields: one for each of `FIELDS`, in that order.
        places: where bytes change, of "XMP", "EXIF" and "IIM"; empty if the file stays as it is.
        signed: whether the file is C2PA-signed, so that the write is refused unless the policy
            says ``break_signature``.
        warnings: plain sentences for the person, most important first.
    """

    format: str
    fields: tuple[FieldChange, ...]
    places: tuple[str, ...] = ()
    signed: bool = False
    warnings: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> FieldChange:
        return self.fields[FIELDS.index(name)]


def clean(text: str) -> str:
    """Return a text as every format can hold it: composed, line feeds alone, no controls."""
    sound = text.encode("utf-8", "replace").decode("utf-8")
    lines = sound.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _UNWRITABLE.sub("", lines)).strip()


def same_keyword(keyword: str) -> str:
    """Return what two keywords have in common that count as one."""
    return unicodedata.normalize("NFC", keyword).casefold().strip()


def merged(old: Iterable[str], new: Iterable[str]) -> tuple[str, ...]:
    """Return the old keywords and behind them the new ones, blanks and doubles left out."""
    found: dict[str, str] = {}
    for keyword in (*old, *new):
        if key := same_keyword(keyword):
            found.setdefault(key, keyword)
    return tuple(found.values())


def joined(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    """Add the keywords that are not there; what is there stays as it is, doubles included."""
    there = set(map(same_keyword, old))
    return (*old, *(one for one in new if same_keyword(one) not in there))
