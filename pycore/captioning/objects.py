"""Things in a picture and their places, where a model writes both into its answer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pycore.captioning.attention_map import AttentionMap, WordAttention
from pycore.recognition.boxes import Box, coverage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pycore.captioning.result import CaptionResult
    from pycore.captioning.tasks import FoundObject, TaskName
    from pycore.text.tokenizer import Tokenizer

_PUNCTUATION = ".,;:!?\"'()"


def with_objects(
    result: CaptionResult,
    tokenizer: Tokenizer,
    read: Callable[[str], tuple[FoundObject, ...]],
) -> CaptionResult:
    """Return an answer with the things that it names; what a person reads are the names alone.

    Their places are shares of what the model saw, until ``lit_and_placed``.

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
        replace(each, text=text, words=(), attention=None)
        for each, text in zip(result.candidates, texts, strict=True)
    )
    return replace(result, caption=texts[0], candidates=candidates, objects=found[0])


def lit_and_placed(answers: Mapping[TaskName, CaptionResult]) -> dict[TaskName, CaptionResult]:
    """Return the answers to one look, with places as shares of the whole image.

    Of that a part may be missing; the maps in which words light their places are of what was seen.

    Args:
        answers: "objects" among them.
    """
    found = answers["objects"]
    objects = found.objects or ()
    lit = {task: light_objects(each, objects) for task, each in answers.items()}
    placed = tuple(one.within(found.image.seen) for one in objects)
    return {**lit, "objects": replace(lit["objects"], objects=placed)}


def light_objects(result: CaptionResult, objects: Sequence[FoundObject]) -> CaptionResult:
    """Return an answer whose words that name a thing light its place.

    Args:
        result: of the same image. Other words stay as they are, and where nobody asked for
            attentions, all.
        objects: what is in the image; places are shares of what was seen of it.
    """
    if not objects:
        return result
    candidates = tuple(
        replace(each, attention=each.attention and _lit(each.attention, objects))
        for each in result.candidates
    )
    return replace(result, candidates=candidates)


def _lit(attention: AttentionMap, objects: Sequence[FoundObject]) -> AttentionMap:
    """Put boxes in the place of what the decoder looked at."""
    grid = attention.height, attention.width
    words = []
    for word in attention.words:
        boxes = [Box(*one.box) for one in objects if _names(word.text, one.label)]
        cover = coverage(boxes, (1, 1), grid).ravel()
        total = float(cover.sum())
        weights = tuple((cover / total).tolist()) if total else word.weights
        words.append(WordAttention(word.text, weights))
    return AttentionMap(*grid, tuple(words))


def _names(word: str, label: str) -> bool:
    """Whether a word, in the plural perhaps, is the last one of a thing's name."""
    spoken, names = word.strip(_PUNCTUATION).lower(), label.lower().split()[-1:]
    return any(spoken in (name, f"{name}s", f"{name}es") for name in names)
