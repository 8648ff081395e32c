"""What the list of images says.

Runs in MicroPython (the page) and in CPython (tests).
"""

COPY = "Copy"
COPY_ALL = "Copy all"

_STATES = {"waiting": "Waiting", "working": "Working …", "failed": "No caption"}
_PLACEHOLDERS = {
    "waiting": "It will be written here when its turn comes.",
    "working": "It is being written …",
}


def images(count):
    """The title of the list."""
    return f"{count} images"


def state(name, sureness, is_flagged):
    """How an image stands; once it is done, how sure the model is."""
    if name != "done":
        return _STATES[name]
    return sureness.replace("No more than a guess", "A guess") if is_flagged else sureness


def placeholder(name):
    """What stands in the caption's place until there is one."""
    return _PLACEHOLDERS.get(name, "")


def progress(ended, total, doing):
    """How many images have ended, and what keeps the next one waiting, if anything does."""
    count = f"{ended} of {total}"
    return f"{count}. {doing}" if doing else count


def outcome(done, failed):
    """How the images ended."""
    parts = []
    if done:
        parts.append("1 caption" if done == 1 else f"{done} captions")
    if failed:
        parts.append(f"{failed} failed")
    return ", ".join(parts)


def copy_of(name):
    """What a screen reader says for a row's button "Copy"."""
    return f"Copy caption of {name}"


def line(name, caption):
    """One line of what "Copy all" copies: name, tab, caption."""
    return "\t".join(" ".join(text.split()) for text in (name, caption))
