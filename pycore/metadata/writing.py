"""What writing words does to the blocks of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pycore.metadata import iptc
from pycore.metadata.draft import Draft
from pycore.metadata.fields import PROGRAM, joined, same_keyword

if TYPE_CHECKING:
    from pycore.metadata.containers import Blocks
    from pycore.metadata.current import Current
    from pycore.metadata.fields import ImageWords, WritePolicy
    from pycore.metadata.xmp_block import Values

_IIM_BROKEN = "The older form of the words in this file (IPTC-IIM) is damaged. It stays as it is."
_EXIF_KEPT = "EXIF has another description. It stays as it is."


def draft_of(blocks: Blocks, now: Current, words: ImageWords, policy: WritePolicy) -> Draft:
    """Work out what writing words comes to.

    Args:
        blocks: of the file.
        now: what they say.
        words: cleaned.
        policy: how far to go.

    Returns:
        The new blocks; the same object as before if nothing changes.

    Raises:
        MetadataError: the words do not fit.
    """
    draft = Draft(blocks)
    properties: Values = {}
    for name in ("alt_text", "extended_description"):
        if getattr(words, name) != getattr(now.words, name) and _may(name, now, words, policy):
            properties[name] = (getattr(words, name),)
    if _may("description", now, words, policy):
        _write_description(draft, properties, now, words, policy)
    if words.keywords:
        _write_keywords(draft, properties, now, words, policy)
    if not properties and draft.blocks is blocks:
        return draft
    # Who wrote the words, and when, goes with the words.
    writer = now.words.caption_writer
    if words.caption_writer and (
        writer.startswith(PROGRAM) or _may("caption_writer", now, words, policy)
    ):
        properties["caption_writer"] = (words.caption_writer,)
    if policy.date:
        properties["metadata_date"] = (policy.date.isoformat(timespec="seconds"),)
    draft.set_xmp(properties, now)
    return draft


def _may(name: str, now: Current, words: ImageWords, policy: WritePolicy) -> bool:
    """Say whether a text is to be in the file: it is asked for, and no other one stays there."""
    wanted: Any = getattr(words, name)
    return bool(wanted) and (getattr(now.words, name) in {"", wanted} or name in policy.replace)


def _write_description(
    draft: Draft, properties: Values, now: Current, words: ImageWords, policy: WritePolicy
) -> None:
    """Set the description in all its places; in older ones only over nothing or the same words."""
    wanted, before = words.description, now.words.description
    over = "description" in policy.replace
    if now.xmp.get("description") != (wanted,):
        properties["description"] = (wanted,)
    if policy.exif and draft.blocks.exif_room and now.exif != wanted:
        # What a camera filled in reads as nothing; it is not ours to replace unasked.
        is_free = not (draft.blocks.exif_description or b"").strip(b" \x00")
        if over or is_free or now.exif == before != "":
            draft.set_exif(wanted)
        elif now.exif:
            draft.warnings.append(_EXIF_KEPT)
    if _has_iim(draft, now, policy) and (over or now.iim in {"", iptc.cut_caption(before)}):
        draft.set_iim(wanted, None)


def _write_keywords(
    draft: Draft, properties: Values, now: Current, words: ImageWords, policy: WritePolicy
) -> None:
    """Add keywords to what is there in each place, or put them in its place."""
    in_xmp, in_iim = now.xmp.get("keywords", ()), now.iim_keywords
    if "keywords" in policy.replace:
        wanted = words.keywords
        is_same = set(map(same_keyword, wanted)) == set(map(same_keyword, in_xmp))
        in_xmp, in_iim = (in_xmp if is_same else wanted), wanted
    else:
        # Whoever reads XMP first must find there what only IIM had.
        in_xmp = joined(joined(in_xmp, now.words.keywords), words.keywords)
        in_iim = joined(in_iim, words.keywords)
    if in_xmp != now.xmp.get("keywords"):
        properties["keywords"] = in_xmp
    if _has_iim(draft, now, policy):
        draft.set_iim(None, in_iim)


def _has_iim(draft: Draft, now: Current, policy: WritePolicy) -> bool:
    if draft.blocks.iim is None or not policy.iim:
        return False
    if not now.iim_is_sound and _IIM_BROKEN not in draft.warnings:
        draft.warnings.append(_IIM_BROKEN)
    return now.iim_is_sound
