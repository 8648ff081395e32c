"""What the workbench for alt text, the exports and the saving say.

Runs in MicroPython (the page) and in CPython (tests).
"""

from page import texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

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


_FIELDS = {
    "alt_text": "Alt text",
    "extended_description": "Extended description",
    "description": "Description",
    "keywords": "Keywords",
    "text": "Text in the picture",
    "caption_writer": "Written by",
}
SAVE_IN_PLACE = "Save in place"
SAVE_COPY = "Download a copy"
REMOVE_IN_PLACE = "Take out in place"
NOTHING_TO_REMOVE = "The file has no words of Seesay’s."
COPY_WITHOUT = "Downloaded: a copy without them. Your own file is as it was."
NOTHING_TO_SAVE = "The file says all that already."
COPY_SAVED = "Downloaded: a copy with its words. Your own file is as it was."
SIDECAR_SAVED = "Downloaded: keep it beside the image, under the same name."
SAVE_PROBLEMS = {
    "changed": "The file has changed since you handed it in. Choose it again; nothing was saved.",
    "failed": "The file could not be written: it is as it was. Download a copy instead.",
}


def field_change(change: "dict[str, Any]") -> str:
    """What happens to one field of a file (FileChange of seesay.d.ts); "" for nothing."""
    name, outcome = _FIELDS[change["name"]], change["outcome"]
    before, after = _said(change["before"]), _said(change["after"])
    if outcome == "none":
        return ""
    if outcome == "same":
        return f"{name}: {after}, as now"
    if outcome == "kept":
        return f"{name}: {before} stays"
    return f"{name}: {before or 'nothing'} → {after or 'nothing'}"


def _said(value: "str | list[str]") -> str:
    text = value if isinstance(value, str) else ", ".join(value)
    return f"“{text}”" if text else ""


def no_room(file_format: str) -> str:
    """Why words do not go into a file of some format."""
    return (
        f"Words do not go into {file_format} files here. A sidecar, a file beside it, holds them."
    )


def saved(name: str) -> str:
    """What was saved in place."""
    return f"Saved into {texts.isolated(name)}. Nothing else in it has changed."


def taken_out(name: str) -> str:
    """What was taken out in place."""
    return f"Taken out of {texts.isolated(name)}. Nothing else in it has changed."


def in_file(alt_text: str) -> str:
    """What the file says already."""
    return f"This file has alt text: “{alt_text}”"


SAVE_ALL = "Save into the files"
SAVE, CHOOSE_FOLDER = "Save", "Choose the folder"
NOTHING_TO_SAVE_YET = "There are no words yet. Caption the images first."
SAVE_ALL_NOWHERE = (
    "This browser lets no page write into your files. Export the images with their words inside: "
    "you get them in a zip."
)
NO_FILE_TO_SAVE_INTO = (
    "Its file was not found, or may not be changed. Export it with its words inside instead."
)


def ask_save_all(count: int, is_known: bool) -> str:
    """The question before files are written."""
    said = f"Save the words of {_counted(count, 'image', 'images')} into their own files? "
    if not is_known:
        said += "Choose the folder that they are in; those below it are looked through, too. "
    return said + (
        "Only the words change: each file is written anew beside the old one, and then takes its "
        "place. Your browser asks once more."
    )


def saving_all(done: int, total: int) -> str:
    """How far saving is."""
    return f"Saving: {done} of {total}"


def saved_all(count: int) -> str:
    """What was saved."""
    if not count:
        return "No file was changed."
    return f"Saved the words into {_counted(count, 'file', 'files')}. Nothing else has changed."


def left(count: int) -> str:
    """What was stopped."""
    return f"Stopped: {_counted(count, 'image', 'images')} not saved."


EXPORT = "Export"
STOP = "Stop"
STOPPED = "Stopped. Nothing was saved."
EXPORTING = "Collecting the words …"
NO_FORM = "Choose at least one kind of file."
KEEP = "Keep"
TAKE = "Take the table's"


def not_saved(name: str, problem: str) -> str:
    """Why nothing was saved into one of several files."""
    return f"{texts.isolated(name)}: {problem}"


def renamed(before: str, after: str) -> str:
    """What an image is called in an export."""
    return f"{texts.isolated(before)} → {texts.isolated(after)}"


def exported_so_far(done: float, total: float) -> str:
    """How many images are written."""
    return f"Images: {int(done)} of {int(total)}"


def exported(file_name: str, count: int) -> str:
    """What was exported."""
    return f"Downloaded: {file_name}, {_counted(count, 'image', 'images')}."


def more(count: int) -> str:
    """How many notes are not shown."""
    return f"and {count} more"


def merged(merge: "Any") -> str:
    """What a table brought (Merge of seesay.d.ts)."""
    parts = [f"{_counted(len(merge.updates), 'image', 'images')} changed"]
    if merge.same:
        parts.append(f"{int(merge.same)} the same")
    if merge.conflicts:
        parts.append(f"{_counted(len(merge.conflicts), 'conflict', 'conflicts')} to decide")
    if merge.unknown:
        parts.append(f"{len(merge.unknown)} of no image here ({_some(merge.unknown)})")
    if merge.changed:
        parts.append(f"{len(merge.changed)} of other files of the same name")
    return ", ".join(parts) + "."


def conflict(one: "dict[str, Any]") -> str:
    """Words of a person here against others in the table."""
    field = _FIELDS[one["field"]].lower()
    here, there = _as_text(one["here"]), _as_text(one["there"])
    return f"{texts.isolated(one['name'])}, {field}: “{here}” here, “{there}” in the table"


def _as_text(words: "str | list[str]") -> str:
    """Words as a person reads them; keywords are a list."""
    return words if isinstance(words, str) else ", ".join(words)


def _counted(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"


def _some(names: list[str]) -> str:
    return ", ".join([texts.isolated(name) for name in names[:3]]) + (
        " …" if len(names) > 3 else ""
    )
