"""The words in a file now: one answer out of up to three places that should agree.

Source: Metadata Working Group, Guidelines for Handling Image Metadata 2.0, section 5 (reading
order); IPTC Photo Metadata 2021.1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pycore.metadata import exif, iptc, xmp
from pycore.metadata.containers import photoshop
from pycore.metadata.fields import PROGRAM, ImageWords, clean, merged, same_keyword

if TYPE_CHECKING:
    from pycore.metadata.containers import Blocks
    from pycore.metadata.xmp_block import Values

_NOTHING = xmp.XmpReading({})

UNREAD = "not reviewed"
"""How `ImageWords.caption_writer` ends where Seesay wrote words that nobody had read."""

CAMERAS = frozenset(
    {
        "default",
        "digital camera",
        "dcim",
        "exif_jpeg_picture",
        "jpeg picture",
        "kodak digital still camera",
        "konica minolta digital camera",
        "minolta digital camera",
        "olympus digital camera",
        "samsung digital camera",
        "sony dsc",
        "<digimax>",
    }
)
"""What programs copy from where cameras write it, a description in EXIF."""


@dataclass(frozen=True, slots=True)
class Current:
    """What each place says.

    Attributes:
        words: what counts.
        main: XMP, first packet.
        extension: XMP, second packet of a JPEG file.
        exif: the description in EXIF; empty if there is none.
        iim: the description in IIM.
        iim_keywords: the keywords in IIM.
        iim_is_sound: False where the stream is damaged; then it is left alone.
        signed: whether a C2PA manifest is in the file, or kept elsewhere for it.
    """

    words: ImageWords
    main: xmp.XmpReading = _NOTHING
    extension: xmp.XmpReading = _NOTHING
    exif: str = ""
    iim: str = ""
    iim_keywords: tuple[str, ...] = ()
    iim_is_sound: bool = True
    signed: bool = False

    @property
    def xmp(self) -> Values:
        """What both packets say; the first one counts."""
        return {**self.extension.values, **self.main.values}


def read(blocks: Blocks) -> Current:
    """Read the words out of a file's blocks.

    Raises:
        MetadataError: a packet of XMP is damaged, or too large or complex.
    """
    main = _NOTHING if blocks.xmp is None else xmp.read(blocks.xmp)
    extension = _NOTHING if blocks.extension is None else xmp.read(blocks.extension)
    values = {**extension.values, **main.values}
    in_exif = exif.decoded(blocks.exif_description)
    is_sound = True
    try:
        in_iim, iim_keywords = iptc.read(blocks.iim or b"")
    except ValueError:
        in_iim, iim_keywords, is_sound = "", (), False

    def text(name: str) -> str:
        return clean(values[name][0]) if name in values else ""

    in_order = [text("description"), in_iim, in_exif]
    if blocks.iim_digest and blocks.iim_digest != photoshop.digest_of(blocks.iim or b""):
        in_order.insert(0, in_iim)  # written after the XMP, by a program that does not know XMP
    words = ImageWords(
        alt_text=text("alt_text"),
        extended_description=text("extended_description"),
        description=next(filter(None, map(clean, in_order)), ""),
        keywords=_keywords(values.get("keywords", ()), iim_keywords),
        caption_writer=text("caption_writer"),
    )
    return Current(
        words=words,
        main=main,
        extension=extension,
        exif=clean(in_exif),
        iim=clean(in_iim),
        iim_keywords=iim_keywords,
        iim_is_sound=is_sound,
        signed=blocks.signed or main.provenance,
    )


def of_a_person(now: Current) -> ImageWords:
    """Return what some person wrote, or read; none of it where Seesay wrote and nobody read.

    A description in EXIF alone is the camera's: its name, a path, a code.
    """
    words, writer = now.words, now.words.caption_writer
    if writer.startswith(PROGRAM) and writer.endswith(UNREAD):
        return ImageWords()
    is_in_exif_alone = not (now.iim or now.xmp.get("description"))
    if is_in_exif_alone or words.description.casefold() in CAMERAS:
        return replace(words, description="")
    return words


def _keywords(in_xmp: tuple[str, ...], in_iim: tuple[str, ...]) -> tuple[str, ...]:
    """Join the keywords of both; IIM's may be cut."""
    cut = {same_keyword(iptc.cut_keyword(one)) for one in in_xmp}
    return merged(in_xmp, (one for one in in_iim if same_keyword(one) not in cut))
