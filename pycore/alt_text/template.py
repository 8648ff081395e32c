"""Templates: alt text put together from what is known of an image.

Runs in CPython and in MicroPython.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

PLACEHOLDERS = ("caption", "keywords", "text", "filename", "date", "folder")
DEFAULT = "{caption}"

_MARKS = [chr(0xE000 + place) for place in range(len(PLACEHOLDERS))]
"""Stand in for values while the text around them is tidied; for private use, so that no text that
anybody reads has them."""
_DRESSES = (("(", ")"), ("[", "]"), ("“", "”"), ('"', '"'))
_SIGNS = ",;:.!?"
_ENDS = _SIGNS + "}" + "".join(_MARKS)
"""What a label begins behind."""


def fill(template: str, values: "Mapping[str, str]") -> str:
    """Return a template with values in the place of ``{caption}`` and the like.

    What is unknown stays as it is written. Where a value is empty, what belongs to it goes with it:
    brackets and quotes around it, a label in front ("Text: {text}"), signs that part nothing.

    Args:
        template: text with placeholders.
        values: by name, of ``PLACEHOLDERS``.
    """
    known = {
        mark: " ".join(values.get(name, "").split())
        for mark, name in [(_MARKS[i], PLACEHOLDERS[i]) for i in range(len(_MARKS))]
    }
    text = "".join([one for one in template if one not in known])
    for mark, value in known.items():
        place = "{" + PLACEHOLDERS[_MARKS.index(mark)] + "}"
        text = text.replace(place, mark) if value else _without(place, text)
    text = _tidy(text)
    parts = []
    for i, one in enumerate(text):
        value = known.get(one, one)
        if one in known and value.endswith(".") and text[i + 1 : i + 2] in tuple(_SIGNS):
            value = value[:-1]  # one stop is enough
        parts.append(value)
    return "".join(parts)


def unknown(template: str) -> list[str]:
    """Return the placeholders of a template that there are not."""
    found = []
    for part in template.split("{")[1:]:
        name, brace, _ = part.partition("}")
        if brace and name not in PLACEHOLDERS:
            found.append(name)
    return found


def _without(place: str, text: str) -> str:
    """Take a placeholder away, and what is there for it alone."""
    for opener, closer in _DRESSES:
        text = text.replace(opener + place + closer, place)
    before, found, after = text.partition(place)
    while found:
        label = before.rstrip()
        if label.endswith(":"):
            start = max([label[:-1].rfind(sign) for sign in _ENDS]) + 1
            before = label[:start]
        before, found, after = (before + after).partition(place)
    return before


def _tidy(text: str) -> str:
    """Take away what an empty value leaves: doubled blanks, signs that part nothing."""
    text = " ".join(text.split())
    for sign in ",;:.":
        text = text.replace(" " + sign, sign)
    text = text.strip(" ,;:-")
    for dash in "–—":  # MicroPython's strip takes bytes of these for signs of their own
        text = (text[1:] if text[:1] == dash else text).strip()
        text = (text[:-1] if text[-1:] == dash else text).strip()
    return text[2:] if text.startswith(". ") else text
