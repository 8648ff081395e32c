"""Captions of scenes: plain sentences, each a function of what the picture shows."""

from __future__ import annotations

from collections.abc import Sequence

from models.training.things import THINGS, Thing

NUMBERS = ("no", "one", "two", "three", "four", "five", "six")
PLACES = (
    "on green grass",
    "on sand",
    "in the snow",
    "in the water",
    "under a night sky",
    "under a blue sky",
    "in a room",
    "on a wooden table",
    "on a street",
)
COLOURS = (
    "white",
    "black",
    "grey",
    "red",
    "orange",
    "yellow",
    "green",
    "blue",
    "purple",
    "pink",
    "brown",
)
RELATIONS = ("to the left of", "to the right of", "above", "below")


def with_article(words: str) -> str:
    """Put "a" or "an" before words."""
    return f"{'an' if words[0] in 'aeio' else 'a'} {words}"


def plain_background(colour: str) -> str:
    """The phrase for a background of one colour."""
    return f"on {with_article(colour)} background"


def group_phrase(thing: Thing, count: int, size: str = "") -> str:
    """Name `count` of a thing; `size` ("large", "small" or "") only goes with a single one."""
    if count == 1:
        return with_article(f"{size} {thing.singular}".strip())
    return f"{NUMBERS[count]} {thing.plural}"


def caption(
    groups: Sequence[tuple[int, int]],
    background: str,
    relation: str = "",
    sizes: Sequence[str] = (),
) -> str:
    """Write the caption of a scene.

    Args:
        groups: (index into THINGS, count) pairs in the order of THINGS.
        background: one of PLACES or a plain_background.
        relation: one of RELATIONS, from the first group to the second, or "".
        sizes: "large", "small" or "" for each group; empty for none.
    """
    sizes = sizes or [""] * len(groups)
    phrases = [
        group_phrase(THINGS[index], count, size)
        for (index, count), size in zip(groups, sizes, strict=True)
    ]
    if relation:
        things = f"{phrases[0]} {relation} {phrases[1]}"
    else:
        things = ", ".join(phrases[:-1]) + (" and " if phrases[1:] else "") + phrases[-1]
    return f"{things} {background}"


def parse(text: str) -> dict[str, int] | None:
    """Read the things and their counts back out of a caption.

    Returns:
        Singular name -> count, or None where the text is no caption of ours.
    """
    for background in BACKGROUNDS:
        if text.endswith(" " + background):
            text = text[: -len(background) - 1]
            break
    else:
        return None
    for relation in RELATIONS:
        text = text.replace(f" {relation} ", ", ")
    counts: dict[str, int] = {}
    for phrase in text.replace(" and ", ", ").split(", "):
        known = _PHRASES.get(phrase)
        if known is None:
            return None
        counts[known[0]] = counts.get(known[0], 0) + known[1]
    return counts


BACKGROUNDS = PLACES + tuple(plain_background(colour) for colour in COLOURS)
_PHRASES = {
    group_phrase(thing, count, size): (thing.singular, count)
    for thing in THINGS
    for count in range(1, len(NUMBERS))
    for size in (("", "large", "small") if count == 1 else ("",))
}
