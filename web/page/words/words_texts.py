"""What the workbench for alt text, the exports and the saving say.

Runs in MicroPython (the page) and in CPython (tests).
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pycore.alt_text.inclusive import Change

DECORATIVE = "Decorative: no alt text is needed."
SOUND = "Nothing to object to."
EDITED_SINCE = "You have edited the words since; they stay as they are."
NOTHING_TO_REWORD = "Nothing to change."
PRESETS_KEPT = "Kept on this device."
NO_PRESET_NAME = "Give the preset a name first."


def changed(changes: "list[Change]") -> str:
    """What inclusive wording changed."""
    return ", ".join([f"{change.before} → {change.after}" for change in changes])


def unknown_placeholders(names: list[str]) -> str:
    """What a template asks for that there is not; "" if there is nothing."""
    if not names:
        return ""
    said = ", ".join(["{" + name + "}" for name in names])
    return f"There is no {said}; it stays as it is written."


def imported_presets(count: int) -> str:
    """How many presets came in."""
    return "1 preset was imported." if count == 1 else f"{count} presets were imported."
