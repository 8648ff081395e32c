"""What rules can look at, ask and do, and how each part reads as a piece of a sentence.

Runs in CPython, Pyodide and MicroPython (the page), hence no dataclasses or typing.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

_OF_WORDS = ("contains", "lacks", "matches", "is there", "is missing")
TESTS: "dict[str, tuple[str, ...]]" = {
    "caption": _OF_WORDS,
    "alt text": _OF_WORDS,
    "text": _OF_WORDS,
    "name": ("contains", "lacks", "matches"),
    "keyword": ("is", "is not", "matches", "is there", "is missing"),
    "confidence": ("is under", "is over", "is missing"),
    "state": ("is", "is not"),
}
"""What can be asked of what."""
ALONE = ("is there", "is missing")
"""Tests that compare with nothing."""
ACTS = ("add keyword", "remove keyword", "set state", "put into folder", "set field", "flag")
STATES = ("automatic", "reviewed", "edited", "decorative")
"""The states of the library."""
_OPEN = "…"  # stands for what is still to be written


def condition(where: str, test: str, value: "str | float" = "") -> str:
    """Return "the caption contains “dog”"."""
    if where == "keyword" and test in ALONE:
        return "a keyword is there" if test == "is there" else "no keyword is there"
    if where == "confidence" and not isinstance(value, str):
        return f"the confidence {test} {round(value * 100)}%"
    article = "a" if where == "keyword" else "the"
    if where == "keyword" and test == "is not":
        return f"no keyword is “{value}”"
    compared = "" if test in ALONE else f" “{value or _OPEN}”"
    return f"{article} {where} {test}{compared}"


def action(act: str, value: str = "", field: str = "") -> str:
    """Return "add the keyword “pet”"."""
    said = value or _OPEN
    return {
        "add keyword": f"add the keyword “{said}”",
        "remove keyword": f"take the keyword “{said}” away",
        "set state": f"set the state to {said}",
        "put into folder": f"put it into the folder “{said}”",
        "set field": f"set {field or _OPEN} to “{value}”",
        "flag": "flag it",
    }[act]


def rule(data: "Mapping[str, Any]") -> str:
    """Return a rule, as JSON has it, as a person would say it."""
    conditions = [condition(one["where"], one["test"], one.get("value", "")) for one in data["if"]]
    actions = [
        action(one["act"], one.get("value", ""), one.get("field", "")) for one in data["then"]
    ]
    return sentence(conditions, actions, data.get("needs", "all"))


def sentence(conditions: "Sequence[str]", actions: "Sequence[str]", needs: str) -> str:
    """Put the pieces together."""
    link = " and " if needs == "all" else " or "
    return f"If {link.join(conditions)}, {', '.join(actions)}."
