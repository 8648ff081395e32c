"""What a caller may wish for: keywords, the words in the picture, and more than a caption."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pycore.captioning.tasks import TaskName
from pycore.errors import ConfigurationError

LANGUAGES = ("eng", "deu", "fra", "spa")
"""Languages that text is read in, by Tesseract's codes; tools/tessdata.py brings them."""

_NAMES = ("keywords", "text", "text_language", "tasks")


@dataclass(frozen=True, slots=True)
class Wishes:
    """Options of a call that are not about generation.

    Attributes:
        keywords: whether to look for keywords; None leaves it to the model.
        text: whether to read the words in the picture; None: where it looks like text.
        text_language: the language that they are in.
        tasks: what to ask the model, with one look at the image; empty for a caption alone.
    """

    keywords: bool | None = None
    text: bool | None = None
    text_language: str = LANGUAGES[0]
    tasks: tuple[TaskName, ...] = ()


def take_wishes(options: Mapping[str, Any]) -> tuple[dict[str, Any], Wishes]:
    """Part a call's options.

    Args:
        options: by name; None means "not given".

    Returns:
        The options of generation, and the wishes.

    Raises:
        ConfigurationError: when a wish is none that can be granted.
    """
    rest = {name: value for name, value in options.items() if name not in _NAMES}
    given = {name: options[name] for name in _NAMES if options.get(name) is not None}
    for name in ("keywords", "text"):
        if not isinstance(given.get(name, True), bool):
            raise ConfigurationError(f"{name} must be true or false.", detail=repr(given[name]))
    if given.get("text_language", LANGUAGES[0]) not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise ConfigurationError(
            f"text_language must be one of {known}.", detail=repr(given["text_language"])
        )
    if "tasks" in given:
        given["tasks"] = _tasks(given["tasks"])
    return rest, Wishes(**given)


def _tasks(names: object) -> tuple[Any, ...]:
    """Check and return a list of tasks.

    Raises:
        ConfigurationError: when it is none.
    """
    known = get_args(TaskName)
    tasks = tuple(names) if isinstance(names, (list, tuple)) else ()
    if not tasks or not set(tasks) <= {*known} or len({*tasks}) < len(tasks):
        raise ConfigurationError(
            f"tasks must be a list of some of these, each once: {', '.join(known)}.",
            detail=repr(names),
        )
    return tasks
