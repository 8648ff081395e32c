"""The options of a caption: the names of seesay.d.ts in snake case, checked before any work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from pycore.errors import ConfigurationError

if TYPE_CHECKING:
    from pycore.captioning.tasks import TaskName


class AnswerOptions(TypedDict, total=False):
    """How words are chosen, by the names and meanings of transformers, and what to look for.

    ``bad_words``, ``prefix``: words that must not appear, and text that the caption begins with.
    ``keywords``: look for keywords; default: with the starter alone. ``text``: read the words in
    the picture; default: with the starter, where it looks like text. See web/seesay.d.ts.
    """

    max_new_tokens: int
    min_new_tokens: int
    num_beams: int
    num_return_sequences: int
    length_penalty: float
    early_stopping: bool | Literal["never"]
    no_repeat_ngram_size: int
    repetition_penalty: float
    bad_words: list[str]
    prefix: str
    do_sample: bool
    temperature: float
    top_k: int
    top_p: float
    seed: int
    attentions: bool
    keywords: bool
    text: bool
    text_language: Literal["eng", "deu", "fra", "spa"]


class CaptionOptions(AnswerOptions, total=False):
    """The same, and what else to ask about the image.

    ``tasks``: what a model that is asked in words shall say; ``answers`` of the result has it all.
    """

    tasks: list[TaskName]


OPTION_NAMES = tuple(CaptionOptions.__annotations__)


def check_names(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that are given: those that are not None.

    Raises:
        ConfigurationError: there is no such option.
    """
    for name in options:
        if name not in OPTION_NAMES:
            raise ConfigurationError(f"There is no option named {name}.")
    return {name: value for name, value in options.items() if value is not None}
