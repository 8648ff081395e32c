"""What removing words does to the blocks of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pycore.metadata import iptc
from pycore.metadata.draft import Draft
from pycore.metadata.fields import FIELDS, TEXTS, clean, same_keyword

if TYPE_CHECKING:
    from pycore.metadata.containers import Blocks
    from pycore.metadata.current import Current
    from pycore.metadata.fields import ImageWords, WritePolicy
    from pycore.metadata.xmp_block import Values


def draft_of(blocks: Blocks, now: Current, words: ImageWords | None, policy: WritePolicy) -> Draft:
    """Work out what removing words comes to.

    Args:
        blocks: of the file.
        now: what they say.
        words: cleaned; only where the file says these, they go. None for all.
        policy: its date, and whether to touch EXIF and IIM.

    Returns:
        The new blocks; the same object as before if nothing changes.
    """
    draft = Draft(blocks)
    properties: Values = {}
    for name in TEXTS:
        if name in now.xmp and (words is None or clean(now.xmp[name][0]) == getattr(words, name)):
            properties[name] = ()
    in_xmp = now.xmp.get("keywords", ())
    if (left := _left(in_xmp, words)) != in_xmp:
        properties["keywords"] = left
    if policy.exif and now.exif and (words is None or now.exif == words.description):
        draft.set_exif("")
    if policy.iim and blocks.iim is not None and now.iim_is_sound:
        gone = words is None or now.iim == iptc.cut_caption(words.description)
        draft.set_iim("" if gone and now.iim else None, _left(now.iim_keywords, words))
    if not properties and draft.blocks is blocks:
        return draft
    own = now.main.own | now.extension.own
    if "metadata_date" in own and all(properties.get(one) == () for one in own & set(FIELDS)):
        properties["metadata_date"] = ()  # it came with the words
    elif policy.date:
        properties["metadata_date"] = (policy.date.isoformat(timespec="seconds"),)
    draft.set_xmp(properties, now)
    return draft


def _left(keywords: tuple[str, ...], words: ImageWords | None) -> tuple[str, ...]:
    if words is None:
        return ()
    gone = set()
    for one in words.keywords:
        gone |= {same_keyword(one), same_keyword(iptc.cut_keyword(one))}
    return tuple(one for one in keywords if same_keyword(one) not in gone)
