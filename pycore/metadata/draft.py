"""The blocks of a file on the way to their new state: each place is set on its own."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pycore.errors import MetadataError
from pycore.metadata import exif, iptc, xmp
from pycore.metadata.containers import SIDECAR, photoshop
from pycore.metadata.containers.jpeg import extension_digest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pycore.metadata.containers import Blocks
    from pycore.metadata.current import Current
    from pycore.metadata.xmp_block import Values

_OTHER_LETTERS = (
    "The older form of the words in this file (IPTC-IIM) is in a character set without some of "
    "these letters. It stays as it is."
)
_IIM_FULL = "There is no room for these words in IPTC-IIM. That stays as it is."
_EXIF_FULL = "There is no room for the description in EXIF. That stays as it is."

# What moves to the second packet of a JPEG file when the first is full: what is long comes first,
# since not every reader looks there.
_MOVED = ("extended_description", "description", "keywords", "alt_text")


@dataclass(slots=True)
class Draft:
    """The blocks as they will be, and what to say about it.

    Attributes:
        blocks: so far.
        warnings: plain sentences.
    """

    blocks: Blocks
    warnings: list[str] = field(default_factory=list)

    def set_exif(self, description: str) -> None:
        """Set the description in EXIF, if it fits; an empty one goes."""
        content = exif.encoded(description) if description else None
        if len(content or b"") > self.blocks.exif_room:
            self.warnings.append(_EXIF_FULL)
        else:
            self.blocks = replace(self.blocks, exif_description=content)

    def set_iim(self, description: str | None, keywords: Sequence[str] | None) -> None:
        """Set description and keywords in IIM, if it can hold them; with None they stay.

        The digest follows where it held before.
        """
        old = self.blocks.iim or b""
        try:
            new = iptc.edit(old, description, keywords)
        except iptc.CharacterSetError:
            self.warnings.append(_OTHER_LETTERS)
            return
        if len(new) > self.blocks.iim_room:
            self.warnings.append(_IIM_FULL)
        elif new != old:
            digest = self.blocks.iim_digest
            if digest == photoshop.digest_of(old):
                digest = photoshop.digest_of(new)
            self.blocks = replace(self.blocks, iim=new, iim_digest=digest)

    def set_xmp(self, changes: Values, now: Current) -> None:
        """Set properties of XMP where they stand, new ones in the first packet if they fit.

        Args:
            changes: new values; an empty one goes.
            now: what the blocks say.

        Raises:
            MetadataError: they do not fit.
        """
        away = now.extension.values.keys() - now.main.values.keys()
        here = {name: texts for name, texts in changes.items() if name not in away}
        there = {name: texts for name, texts in changes.items() if name in away}
        main = xmp.edit(self.blocks.xmp, here, bare=self.blocks.format == SIDECAR)
        extension = self.blocks.extension
        if there:
            extension = xmp.edit(extension, there, bare=True)
        for name in (None, *_MOVED):
            if name in here:
                main = xmp.edit(main, {name: ()})
                extension = xmp.edit(extension, {name: here[name]}, bare=True)
            main = self._fitting(self._pointing(main, extension))
            if main is None or len(main) <= self.blocks.xmp_room:
                self.blocks = replace(self.blocks, xmp=main, extension=extension)
                return
        raise MetadataError(
            "The file has no room for these words. Make them shorter, or take a sidecar, a file "
            "beside it.",
            detail=f"{len(main or b'')} bytes of XMP, room for {self.blocks.xmp_room}",
        )

    def _pointing(self, main: bytes | None, extension: bytes | None) -> bytes | None:
        """Let the first packet point to the second one."""
        if extension == self.blocks.extension:
            return main
        digest = () if extension is None else (extension_digest(extension),)
        return xmp.edit(main, {"extension": digest})

    def _fitting(self, main: bytes | None) -> bytes | None:
        """Give up the packet's blanks where there is no room for them."""
        if main is not None and len(main) > self.blocks.xmp_room:
            return xmp.without_padding(main)
        return main
