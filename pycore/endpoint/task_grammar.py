"""What tasks there are, which parameters each takes, and how a refusal names the grammar.

Source: Filestack's documentation of its processing API, image transformations (names, letters for
short and values).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pycore.errors import ConfigurationError

MOST_PIXELS_A_SIDE = 10_000
"""That a resized image may have."""

Value = int | str | tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """One task of a chain.

    Attributes:
        name: of the task.
        parameters: by their long names.
    """

    name: str
    parameters: Mapping[str, Value]

    def __str__(self) -> str:
        """Return it as it stands in a path, parameters in the order of their names."""
        parts = [f"{name}:{_shown(value)}" for name, value in sorted(self.parameters.items())]
        return f"{self.name}={','.join(parts)}" if parts else self.name


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a task.

    Attributes:
        names: the long one first.
        shape: what its values look like, for people.
        read: turns a text into the value; raises ValueError for others.
        is_required: the task means nothing without it.
    """

    names: tuple[str, ...]
    shape: str
    read: Callable[[str], Value]
    is_required: bool = False


def parse_task(text: str) -> Task:
    """Read one task.

    Args:
        text: ``name`` or ``name=key:value,key:value``.

    Raises:
        ConfigurationError: there is no such task, parameter or value; the grammar is named.
    """
    name, has_parameters, rest = text.partition("=")
    if name not in TASKS:
        raise ConfigurationError(
            f"There is no task {name!r}. The tasks are {', '.join(TASKS)}.", detail=text
        )
    known = TASKS[name]
    values: dict[str, Value] = {}
    for part in _split(rest) if has_parameters else ():
        key, colon, value = part.partition(":")
        parameter = next((one for one in known if key in one.names), None)
        if parameter is None or not colon:
            raise _refused(name, f"{part!r} is no parameter of {name}.")
        if parameter.names[0] in values:
            raise _refused(name, f"{key!r} stands there twice.")
        try:
            values[parameter.names[0]] = parameter.read(value)
        except ValueError as error:
            raise _refused(name, f"{value!r} is no value of {key!r}.") from error
    missing = [one.names[0] for one in known if one.is_required and one.names[0] not in values]
    if missing:
        raise _refused(name, f"{name} needs {missing[0]!r}.")
    if name == "resize" and not values.keys() & {"width", "height"}:
        raise _refused(name, "resize needs 'width' or 'height'.")
    return Task(name, MappingProxyType(values))


def grammar_of(name: str) -> str:
    """Return how a task is written."""
    parts = [f"{'|'.join(one.names)}:{one.shape}" for one in TASKS[name]]
    return f"{name}={','.join(parts)}" if parts else name


def _refused(name: str, what: str) -> ConfigurationError:
    return ConfigurationError(f"{what} It is written {grammar_of(name)}")


def _split(text: str) -> list[str]:
    """Part at commas, but for those in brackets."""
    return re.split(r",(?![^\[]*\])", text)


def _number(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or not least <= int(text) <= most:
            raise ValueError(text)
        return int(text)

    return read


def _choice(*names: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in names:
            raise ValueError(text)
        return text

    return read


def _box(text: str) -> tuple[int, ...]:
    found = re.fullmatch(r"\[(\d{1,6}),(\d{1,6}),(\d{1,6}),(\d{1,6})\]", text, re.ASCII)
    if found is None:
        raise ValueError(text)
    left, top, width, height = map(int, found.groups())
    if not (width and height):
        raise ValueError(text)
    return left, top, width, height


def _shown(value: Value) -> str:
    return f"[{','.join(map(str, value))}]" if isinstance(value, tuple) else str(value)


_FITS = ("clip", "crop", "scale", "max")
_ALIGNS = ("center", "top", "bottom", "left", "right")
FORMATS = ("jpg", "png", "webp", "gif", "bmp", "tiff")

_SIDE = f"1-{MOST_PIXELS_A_SIDE}"
_read_side = _number(1, MOST_PIXELS_A_SIDE)
_QUALITY = Parameter(("quality", "q"), "1-100", _number(1, 100))

TASKS: Mapping[str, tuple[Parameter, ...]] = MappingProxyType(
    {
        "resize": (
            Parameter(("width", "w"), _SIDE, _read_side),
            Parameter(("height", "h"), _SIDE, _read_side),
            Parameter(("fit", "f"), "|".join(_FITS), _choice(*_FITS)),
            Parameter(("align", "a"), "|".join(_ALIGNS), _choice(*_ALIGNS)),
        ),
        "crop": (Parameter(("dim", "d"), "[x,y,width,height]", _box, is_required=True),),
        "rotate": (Parameter(("deg", "d"), "0-359", _number(0, 359), is_required=True),),
        "flip": (),
        "flop": (),
        "monochrome": (),
        "quality": (Parameter(("value", "v"), "1-100", _number(1, 100), is_required=True),),
        "output": (
            Parameter(("format", "f"), "|".join(FORMATS), _choice(*FORMATS), is_required=True),
            _QUALITY,
        ),
    }
)
"""Every task and its parameters."""
