"""What the library says.

Runs in MicroPython (the page) and in CPython (tests).
"""

import json

from page import texts

STATES = {
    "automatic": "Automatic",
    "file": "From the file",
    "reviewed": "Reviewed",
    "edited": "Edited",
    "decorative": "Decorative",
}
JOBS = {
    "waiting": "Waiting",
    "working": "Being captioned",
    "failed": "Failed",
    "set_aside": "Set aside",
}
"""Where an image is in the queue; of those that are done nothing is said."""
_STEPS = {
    "accept": "accepting",
    "edit": "editing",
    "decorative": "marking as decorative",
    "reset": "going back to the words of before",
    "rules": "running rules",
    "marks": "taking marks away",
    "table": "importing a table",
}

ALLOWED = "Captions are kept on this device from now on."
_MODELS = {"starter": "The starter"}
ELSEWHERE = (
    "The library is open in another tab of this browser. Here it can be read, and captions made "
    "here are kept in it; one tab at a time can change it."
)
TAKEN = "Another tab has taken over the library. Here it can be read."
INSECURE = (
    "At this address browsers keep nothing, and no files can be added to the library. Open Seesay "
    "where its address begins with https://."
)
MEMORY = (
    "This browser keeps nothing here: a private window may be why, or its settings. The library "
    "works until this tab is closed; export it to keep it."
)
UNDO_NOTHING = "There is nothing to undo."
UNSAVED = "Undone: what was not saved yet."
NEEDS_WORDS = "There are no words yet: write some, or press Decorative if the image needs none."
GONE = "That image is not in the library."
LAST = "That was the last one."
SMALL = (
    "The small picture that is kept: the image itself stays where it is, and its file is not at "
    "hand."
)
OTHER_FILE = "The file was changed since the image was added. Add it again to see where it looks."
OTHER_WORDS = "The model says something else by now. Caption the image again to see where it looks."
ERASED = "Nothing of the library is left on this device."


def images(count: int) -> str:
    """So many images."""
    return "1 image" if count == 1 else f"{count} images"


def found(count: int, total: int) -> str:
    """How many of all images are listed."""
    return images(total) if count == total else f"{count} of {images(total)}"


def place(index: int, count: int) -> str:
    """Where an image stands in the list; "" where it does not stand in it."""
    return f"{index + 1} of {count}" if index >= 0 else ""


def kept(count: int, size_bytes: float) -> str:
    """What is kept, and how much room it takes."""
    return f"{images(count)}, {texts.size(size_bytes)}"


def nothing(total: int, state: str, text: str, is_secure: bool) -> str:
    """Why no image is listed; nothing can be added at an address that is not secure."""
    if not total:
        how = " Add images, or drop them here, to caption them." if is_secure else ""
        return "There are no captions here yet." + how
    if state == "automatic" and not text:
        return "All of these have been reviewed."
    return "No image is found like that. Try fewer words, or other filters."


def memory(is_secure: bool) -> str:
    """Why nothing is kept after this visit."""
    return MEMORY if is_secure else INSECURE


def machine(text: str | None, model: str, confidence: float, problem: str) -> str:
    """What the machine wrote, and how sure it was; or why it wrote nothing."""
    if text is None:
        return problem or "No model has captioned this image."
    model = _MODELS.get(model, model)
    if not text:
        return f"{model} cannot tell what this image shows."
    percent = texts.percent(confidence).replace(" ", "\u00a0")  # in one line
    return f"{model} wrote: “{text}” ({percent} sure)"


def in_file(text: str) -> str:
    """What the file itself says."""
    return f"In the file: “{text}”"


def reset(row: "dict[str, object]") -> str:
    """The button that takes back what a person wrote."""
    return f"Back to the {'file' if row['file_text'] else 'machine'}’s words"


def facts(row: "dict[str, object]") -> str:
    """Folder, date and size of an image in one line; pixels once they are known."""
    taken = str(row["taken_at"] or "")[:16].replace("T", " ")
    width, height = float(str(row["width"])), float(str(row["height"]))
    size = texts.dimensions(width, height) if width else ""
    parts = [str(row["folder"]), taken, size, texts.size(float(str(row["size_bytes"])))]
    return _with_marks(", ".join([part for part in parts if part]), row)


def _with_marks(said: str, row: "dict[str, object]") -> str:
    fields = json.loads(str(row["fields"]))
    return texts.with_marks(said, bool(row["is_flagged"]), str(row["export_folder"]), fields)


def mark(name: str) -> str:
    """A mark of rules in the filter; "flagged", "/folder", or a field's name and value as JSON."""
    if name.startswith("["):
        return ": ".join(json.loads(name))
    if name.startswith("/"):
        return f"Exported into {name[1:]}/"
    return "Flagged" if name == "flagged" else name  # of a visit before there was JSON


def tile_state(row: "dict[str, object]") -> str:
    """How an image stands: in the queue, or by who stands for its words; and its marks."""
    job = JOBS.get(str(row["job_state"]))
    if job:
        return job
    if row["text"] or row["state"] != "automatic":
        return _with_marks(STATES[str(row["state"])], row)
    return _with_marks("Cannot tell" if row["text"] == "" else "No caption", row)


def choice(name: str, count: int) -> str:
    """An entry of a filter with how many images it is of."""
    return f"{name} ({count})"


def filters(count: int) -> str:
    """The heading of the filters, which says how many are set."""
    return f"Filter and sort ({count} on)" if count else "Filter and sort"


def review(count: int) -> str:
    """The button that begins to review."""
    return f"Review {count}"


def selected(count: int, unlisted: int) -> str:
    """How many are selected, and how many of them the list does not show now."""
    if not unlisted:
        return f"{count} selected"
    which = "not" if unlisted == count else f"{unlisted} of them not"
    return f"{count} selected, {which} in this list"


def select(name: str) -> str:
    """What a screen reader says for the box that selects an image."""
    return f"Select {texts.isolated(name)}"


def undone(step: "dict[str, object]") -> str:
    """What was undone."""
    return f"Undone: {_STEPS[str(step['label'])]}, {images(int(str(step['image_count'])))}"


def done(state: str, name: str) -> str:
    """What is said aloud of an image once it was decided about."""
    return f"{STATES[state]}: {texts.isolated(name)}"


def ask_delete(count: int, unlisted: int = 0) -> str:
    """The question before images are deleted, some of which the list may not show now."""
    which = f" ({unlisted} of them not in this list)" if unlisted else ""
    return (
        f"Delete {images(count)}{which} from the library, with captions and small pictures? "
        "Your files stay where they are. This cannot be undone."
    )


def ask_erase(count: int) -> str:
    """The question before all is taken away."""
    return (
        f"Delete the whole library ({images(count)}) from this device, and keep nothing from now "
        "on? Your files stay where they are. This cannot be undone."
    )


def taking_in(stage: str, percent: int) -> str:
    """How far a library from a file is, as library_link.mjs tells it."""
    if stage == "checking":  # nobody knows how long it takes
        return "checking the library of the file."
    does = "reading" if stage == "reading" else "taking in"
    return f"{does} the library of the file, {percent} % done."


def ask_replace(count: int) -> str:
    """The question before a library from a file takes the place of this one."""
    return f"Put the library of that file in the place of this one ({images(count)})?"
