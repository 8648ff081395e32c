"""Things in a picture and their places, where a model writes both into its answer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from pycore.captioning.found_object import FoundObject
    from pycore.captioning.result import CaptionResult
    from pycore.text.tokenizer import Tokenizer


def with_objects(
    result: CaptionResult,
    tokenizer: Tokenizer,
    read: Callable[[str], tuple[FoundObject, ...]],
) -> CaptionResult:
    """Return an answer with the things that it names; what a person reads are the names alone.

    Args:
        result: as the model wrote it.
        tokenizer: of the model.
        read: see ``Task.read_objects``.
    """
    found = []
    for each in result.candidates:
        ids = [token.id for token in each.tokens]
        found.append(read(tokenizer.decode(ids, skip_special_tokens=False)))
    texts = [", ".join(dict.fromkeys(one.label for one in objects)) for objects in found]
    candidates = tuple(
        replace(each, text=text, words=())
        for each, text in zip(result.candidates, texts, strict=True)
    )
    objects = tuple(one.within(result.image.seen) for one in found[0])
    return replace(result, caption=texts[0], candidates=candidates, objects=objects)
