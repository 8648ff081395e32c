"""The rules of this browser, and whether they run with each new caption.

Runs in MicroPython (the page) and in CPython (tests).
"""

import json

from pyscript.js_modules import settings_store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

KEPT_AS = "seesay.rules"
FILE_NAME = "seesay-rules.json"


class Book:
    """Rules as their file has them (pycore/rules/rule_files.py), in the order in which they run.

    Attributes:
        rules: all of them.
        is_automatic: whether they run with each new caption.
    """

    def __init__(self) -> None:
        """Begin with what is kept."""
        self.rules: "list[dict[str, Any]]" = []
        self.is_automatic = False
        self.read()

    def read(self) -> None:
        """Read what is kept, by whichever tab."""
        try:
            found = json.loads(settings_store.read(KEPT_AS))
            self.rules = list(found["rules"])
            self.is_automatic = bool(found["automatic"])
        except (ValueError, KeyError, TypeError):  # nothing is kept, or it is from another version
            pass

    def keep(self) -> None:
        """Keep all on this device."""
        kept = {"rules": self.rules, "automatic": self.is_automatic}
        settings_store.write(KEPT_AS, json.dumps(kept))

    def put(self, place: int, rule: "dict[str, Any]") -> None:
        """Put a rule into a place, or behind all others."""
        if place < len(self.rules):
            self.rules[place] = rule
        else:
            self.rules.append(rule)
        self.keep()

    def switched_on(self) -> "list[dict[str, Any]]":
        """The rules that run."""
        return [rule for rule in self.rules if is_on(rule)]

    def to_json(self) -> str:
        """All rules as a file."""
        lines = ",\n".join(["  " + json.dumps(rule) for rule in self.rules])
        head = '{"format": "seesay rules", "version": 1, "rules": [\n'
        return head + lines + ("\n" if lines else "") + "]}\n"


def is_on(rule: "dict[str, Any]") -> bool:
    """Whether a rule runs."""
    return bool(rule.get("on", True))
