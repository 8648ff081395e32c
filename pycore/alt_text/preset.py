"""How a person wants alt text to be: named, kept, carried to other people as JSON.

Runs in CPython and in MicroPython.
"""

import json

from pycore.alt_text import limits, template

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from pycore.alt_text.cleaning import FullStop

FORMAT = "seesay-alt-text-presets"
MOST_PRESETS = 100
MOST_CHARACTERS = 2_000
"""Of one text in a preset."""
FULL_STOPS = ("add", "remove", "keep")


class PresetError(ValueError):
    """A file of presets that cannot be used; the text is a sentence for the person."""


class Preset:
    """Settings for alt text.

    Attributes:
        name: that a person gave it.
        limit: the id of one of ``limits.LIMITS``.
        own_limit: characters, for the limit "own".
        full_stop: "add", "remove" or "keep".
        is_inclusive: drafts are put into inclusive words.
        required: words that each alt text must have.
        banned: words that none may have.
        start: what each alt text begins with, or "".
        template: what drafts are made from.
    """

    def __init__(self, name: str = "Standard") -> None:
        self.name = name
        self.limit = limits.LIMITS[0].id
        self.own_limit = limits.LIMITS[0].characters
        self.full_stop: "FullStop" = "add"
        self.is_inclusive = False
        self.required: list[str] = []
        self.banned: list[str] = []
        self.start = ""
        self.template = template.DEFAULT

    def chosen_limit(self) -> limits.Limit:
        """Return the limit that is chosen."""
        return limits.limit_named(self.limit, self.own_limit)

    def to_dict(self) -> "dict[str, Any]":
        """Return the settings as JSON has them."""
        return {name: getattr(self, name) for name in FIELDS}


FIELDS = ("name", "limit", "own_limit", "full_stop", "is_inclusive", "required", "banned", "start",
          "template")  # fmt: skip
"""The names of all settings."""


def from_dict(values: object) -> Preset:
    """Make a preset of what JSON says; what is missing stays as it is by default.

    Raises:
        PresetError: something is there that cannot be used.
    """
    if not isinstance(values, dict):
        raise PresetError("A preset must be an object.")
    preset = Preset()
    for name, value in values.items():
        if name not in FIELDS:
            raise PresetError(f"A preset has no setting “{name}”. Was it made by a newer Seesay?")
        default = getattr(preset, name)
        if isinstance(default, list):
            fits = isinstance(value, list) and all(_is_text(one) for one in value)
        elif isinstance(default, str):
            fits = _is_text(value)
        else:
            fits = type(value) is type(default)  # in CPython alone a bool is an int, too
        if not fits:
            raise PresetError(f"The setting “{name}” of a preset cannot be used.")
        setattr(preset, name, value)
    is_known = preset.full_stop in FULL_STOPS and preset.limit in [one.id for one in limits.LIMITS]
    if not preset.name.strip() or not is_known:
        raise PresetError("A preset has no name, or a choice that there is not.")
    return preset


def to_json(presets: "Iterable[Preset]") -> str:
    """Return a file of presets."""
    return json.dumps({"format": FORMAT, "presets": [one.to_dict() for one in presets]})


def from_json(text: str) -> list[Preset]:
    """Read a file of presets.

    Raises:
        PresetError: it is none, or something in it cannot be used.
    """
    try:
        found = json.loads(text)
    except (ValueError, RuntimeError):  # the second one: more brackets than the stack holds
        found = None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise PresetError("That file has no presets of Seesay. Choose one that was exported here.")
    presets = found.get("presets")
    if not isinstance(presets, list) or not 0 < len(presets) <= MOST_PRESETS:
        raise PresetError(f"That file must have 1 to {MOST_PRESETS} presets.")
    return [from_dict(one) for one in presets]


def words(text: str) -> list[str]:
    """Return a list that a person wrote into one line, parted by commas."""
    return [one.strip() for one in text.replace(";", ",").split(",") if one.strip()]


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= MOST_CHARACTERS
