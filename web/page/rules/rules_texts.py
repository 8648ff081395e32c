"""What the rules' view says.

Runs in MicroPython (the page) and in CPython (tests).
"""

from page import texts

WHERES = {
    "caption": "the caption",
    "alt text": "the alt text",
    "text": "the text in the picture",
    "name": "the file name",
    "keyword": "a keyword",
    "confidence": "the confidence, in percent,",
    "state": "the state",
}
ACTS = {
    "add keyword": "add the keyword",
    "remove keyword": "take the keyword away",
    "set state": "set the state to",
    "put into folder": "put it into the folder",
    "set field": "set the field",
    "flag": "flag it",
}
EDIT, REMOVE, EARLIER = "Edit", "Remove", "Run earlier"
CHECKING = "Checking the rule …"
KEPT = "Rules are kept in this browser, on this device."
ASK_LEAVE, LEAVE = "Close the form? What you changed in it is not kept.", "Close"
NO_RULE_ON = "No rule is on. Add one, or switch one on."
NOTHING_TO_CHANGE = "Nothing would change."
AUTOMATIC_AGAIN = "automatic, with the machine’s words again"
NOT_NEWEST = "Something else was changed in the library since. Undo it there, step by step."


def rule(action: str, sentence: str) -> str:
    """What a screen reader says for a button, or a box, of a rule."""
    return f"{action}: {sentence}"


def target_list(count: int) -> str:
    """The choice of the images of the first view."""
    return f"The images here ({count})"


def target_library(count: int) -> str:
    """The choice of the library."""
    return f"The library ({count})"


def looking(done: int, total: int) -> str:
    """How far a try is."""
    return f"Looking at {_images(total)}: {done}"


def would_change(changed: int, total: int) -> str:
    """What a try found."""
    if not changed:
        return f"{NOTHING_TO_CHANGE} {_images(total)} looked at."
    return f"Would change {changed} of {_images(total)}."


def change(changed: int) -> str:
    """The button that does it."""
    return f"Change {_images(changed)}"


def changed(count: int, left: int) -> str:
    """What was done."""
    said = f"Changed {_images(count)}."
    if left:
        said += f" {_images(left)} changed meanwhile, and stayed as they are."
    return said


def undone(count: int, left: int) -> str:
    """What was taken back."""
    said = f"Taken back: {_images(count)}."
    if left:
        said += f" {_images(left)} changed since, and stay as they are."
    return said


def counts(matched: int, changed: int) -> str:
    """What a rule did, in the table."""
    if changed == matched:
        return f"{changed}"
    return f"{changed} of {matched} found"


def difference(name: str, before: "dict[str, object]", after: "dict[str, object]") -> str:
    """How an image would be different: "trip/dog.jpg: + pet, reviewed"."""
    old, new = list(before["keywords"]), list(after["keywords"])  # type: ignore[call-overload]
    parts = [f"+ {one}" for one in new if one not in old]
    parts += [f"− {one}" for one in old if one not in new]
    if before["state"] != after["state"]:
        is_taken_back = after["state"] == "automatic"
        parts.append(AUTOMATIC_AGAIN if is_taken_back else str(after["state"]))
    if before["folder"] != after["folder"]:
        parts.append(f"→ {after['folder']}/")
    if before["fields"] != after["fields"]:
        fields = dict(after["fields"])  # type: ignore[call-overload]
        parts += [f"{field} = {fields[field]}" for field in fields]
    if after["is_flagged"] and not before["is_flagged"]:
        parts.append("flagged")
    return f"{texts.isolated(name)}: {', '.join(parts)}"


def more(count: int) -> str:
    """How many are not shown."""
    return f"and {count} more"


def imported(count: int, is_automatic: bool) -> str:
    """What a file brought.

    Args:
        count: of rules.
        is_automatic: whether they run with each new caption.
    """
    if is_automatic:
        return f"{_rules(count)} added. They run with every new caption from now on: read them now."
    return f"{_rules(count)} added. Read them before they run."


def ask_remove(sentence: str) -> str:
    """The question before a rule goes."""
    return f"Remove this rule? {sentence}"


def _images(count: int) -> str:
    return "1 image" if count == 1 else f"{count} images"


def _rules(count: int) -> str:
    return "1 rule" if count == 1 else f"{count} rules"
