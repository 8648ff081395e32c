"""What the list of images says.

Runs in MicroPython (the page) and in CPython (tests).
"""

from page import texts

COPY = "Copy"
COPY_ALL = "Copy all"

# What begins a formula. Source: OWASP, "CSV injection".
_FORMULAS = "=+-@＝＋－＠"

_STATES = {
    "waiting": "Waiting",
    "working": "Working …",
    "failed": "No caption",
    "kept": "Has alt text",
}
_PLACEHOLDERS = {
    "waiting": "It will be written here when its turn comes.",
    "working": "It is being written …",
}


def images(count: int) -> str:
    """The title of the list."""
    return f"{count} images"


def state(name: str, sureness: str) -> str:
    """How an image stands; once it is done, how sure the model is."""
    return _STATES.get(name, sureness)


def placeholder(name: str) -> str:
    """What stands in the caption's place until there is one."""
    return _PLACEHOLDERS.get(name, "")


def progress(ended: int, total: int, doing: str) -> str:
    """How many images have ended, and what keeps the next one waiting, if anything does."""
    count = f"{ended} of {total}"
    return f"{count}. {doing}" if doing else count


def outcome(done: int, failed: int) -> str:
    """How the images ended."""
    parts = []
    if done:
        parts.append("1 caption" if done == 1 else f"{done} captions")
    if failed:
        parts.append(f"{failed} failed")
    return ", ".join(parts)


def copy_of(name: str) -> str:
    """What a screen reader says for a row's button "Copy"."""
    return f"Copy caption of {texts.isolated(name)}"


def lines(pairs: list[tuple[str, str]]) -> str:
    """All captions as text, one line each: name, tab, caption; spreadsheets read it as a table."""
    return "\n".join(["\t".join([_quoted(_cell(text)) for text in pair]) for pair in pairs])


def table(pairs: list[tuple[str, str]]) -> str:
    """All captions as an HTML table, for programs that prefer one."""
    rows = ["".join([f"<td>{_escaped(_cell(text))}</td>" for text in pair]) for pair in pairs]
    return "<table>" + "".join([f"<tr>{row}</tr>" for row in rows]) + "</table>"


def _cell(text: str) -> str:
    """A text as a spreadsheet may have it, in one line, which it does not take for a formula."""
    text = " ".join(text.split())
    if any(0x202A <= ord(one) <= 0x202E or 0x2066 <= ord(one) <= 0x2069 for one in text):
        text = texts.isolated(text)  # else it would turn the rest of its line around
    return "'" + text if text[:1] in _FORMULAS and text else text


def _quoted(text: str) -> str:
    """A cell of text; a quote in front would swallow what follows, up to the next quote."""
    return '"' + text.replace('"', '""') + '"' if text.startswith('"') else text


def _escaped(text: str) -> str:
    """Text as HTML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
