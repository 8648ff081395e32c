"""One call of ImageCaptioner: its options, and what is wished for besides a caption."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, get_args

from pycore.captioning.tasks import TaskName
from pycore.errors import ConfigurationError

if TYPE_CHECKING:
    from pycore.captioning.result import Token
    from pycore.captioning.writer import TokenCallback
    from pycore.generation import GenerationConfig
    from pycore.interfaces import CancelToken, ProgressCallback

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
    if not tasks or any(tasks.count(task) > 1 or task not in known for task in tasks):
        raise ConfigurationError(
            f"tasks must be a list of some of these, each once: {', '.join(known)}.",
            detail=repr(names),
        )
    return tasks


@dataclass(frozen=True, slots=True)
class CheckedOptions:
    """A call's options, found to be such as can be honoured; see ``ImageCaptioner.check``.

    Attributes:
        generation: by name, for the model that writes.
        config: what comes of them.
        wishes: what else is asked for.
    """

    generation: Mapping[str, Any]
    config: GenerationConfig
    wishes: Wishes


@dataclass(frozen=True, slots=True)
class Call:
    """What a call came with; see ``ImageCaptioner.__call__``.

    Attributes:
        options: checked.
        on_token: is told each token of a caption.
        on_progress: is told how far the work is.
        cancel: stops it.
    """

    options: CheckedOptions
    on_token: TokenCallback
    on_progress: ProgressCallback
    cancel: CancelToken

    @property
    def is_steered(self) -> bool:
        """Whether single words are asked for or ruled out, which only a model that writes obeys."""
        return bool(self.options.config.prefix_ids or self.options.config.bad_words_ids)

    def unseen(self) -> Call:
        """Return the call without those who look on as tokens are written."""
        return replace(self, on_token=unseen)


def unseen(_text: str, _token: Token) -> None:
    """Take a token that nobody is shown."""
