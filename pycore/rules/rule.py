"""A rule: what must be so, and what is done then; each part reads as a piece of a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from pycore.errors import RulesError
from pycore.rules.subject import STATES
from pycore.rules.word_pattern import WordPattern

if TYPE_CHECKING:
    from collections.abc import Iterable

Test = Literal["contains", "lacks", "matches", "is", "is not", "is there", "is missing",
               "is under", "is over"]  # fmt: skip
Where = Literal["caption", "alt text", "text", "name", "keyword", "confidence", "state"]
Act = Literal["add keyword", "remove keyword", "set state", "put into folder", "set field", "flag"]

_OF_WORDS: tuple[Test, ...] = ("contains", "lacks", "matches", "is there", "is missing")
TESTS: dict[Where, tuple[Test, ...]] = {
    "caption": _OF_WORDS,
    "alt text": _OF_WORDS,
    "text": _OF_WORDS,
    "name": ("contains", "lacks", "matches"),
    "keyword": ("is", "is not", "matches", "is there", "is missing"),
    "confidence": ("is under", "is over", "is missing"),
    "state": ("is", "is not"),
}
"""What can be asked of what."""
ACTS: tuple[Act, ...] = get_args(Act)
LONGEST_VALUE = 500
MOST_PARTS = 20
"""Conditions, and actions, of one rule."""

_FORBIDDEN_IN_FOLDERS = set('<>:"|?*\\\0')


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that is so of an image, or is not.

    Attributes:
        where: what is looked at.
        test: what is asked of it.
        value: what it is compared with; empty where nothing is. A confidence is 0 to 1.

    Raises:
        RulesError: the test cannot be asked of it, or the value is none for it.
    """

    where: Where
    test: Test
    value: str | float = ""

    def __post_init__(self) -> None:
        if self.where not in TESTS:
            raise RulesError(f"A rule cannot look at “{self.where}”. It can at {_or(TESTS)}.")
        if self.test not in TESTS[self.where]:
            raise RulesError(
                f"A rule cannot ask whether the {self.where} “{self.test}” something. "
                f"It can ask: {_or(TESTS[self.where])}."
            )
        if self.test in {"is there", "is missing"}:
            if self.value:
                raise RulesError(f"“{self.test}” stands alone, without “{self.value}”.")
        elif self.where == "confidence":
            _check_share(self.value)
        else:
            _check_text(self.value)
            if self.where == "state" and self.value not in STATES:
                raise RulesError(f"There is no state “{self.value}”. There are {_or(STATES)}.")
            if self.test in {"contains", "lacks", "matches"}:
                self.pattern()

    def pattern(self) -> WordPattern:
        """Return the words that are looked for."""
        return WordPattern(str(self.value), is_literal=self.test != "matches")

    def sentence(self) -> str:
        """Return "the caption contains “dog”"."""
        if self.where == "keyword" and self.test in {"is there", "is missing"}:
            return f"a keyword {self.test}" if self.test == "is there" else "no keyword is there"
        if self.where == "confidence" and not isinstance(self.value, str):
            return f"the confidence {self.test} {self.value:.0%}"
        article = "a" if self.where == "keyword" else "the"
        if self.where == "keyword" and self.test == "is not":
            return f"no keyword is “{self.value}”"
        value = f" “{self.value}”" if self.value != "" else ""
        return f"{article} {self.where} {self.test}{value}"


@dataclass(frozen=True, slots=True)
class Action:
    """Something that is done to an image.

    Attributes:
        act: what.
        value: the keyword, state, folder, or what a field is set to.
        field: the name of the field, of "set field" alone.

    Raises:
        RulesError: the value is none for it.
    """

    act: Act
    value: str = ""
    field: str = ""

    def __post_init__(self) -> None:
        if self.act not in ACTS:
            raise RulesError(f"A rule cannot “{self.act}”. It can {_or(ACTS)}.")
        if self.act == "flag":
            if self.value:
                raise RulesError(f"“flag” stands alone, without “{self.value}”.")
        elif self.act != "set field":
            _check_text(self.value)
        if bool(self.field) != (self.act == "set field"):
            raise RulesError("“set field” needs the name of the field, and nothing else has one.")
        if self.act == "set state" and self.value not in STATES:
            raise RulesError(f"There is no state “{self.value}”. There are {_or(STATES)}.")
        if self.act == "put into folder":
            _check_folder(self.value)
        if max(len(self.value), len(self.field)) > LONGEST_VALUE:
            raise RulesError(f"A value of a rule may have {LONGEST_VALUE} characters.")

    def sentence(self) -> str:
        """Return "add the keyword “pet”"."""
        return {
            "add keyword": f"add the keyword “{self.value}”",
            "remove keyword": f"take the keyword “{self.value}” away",
            "set state": f"set the state to {self.value}",
            "put into folder": f"put it into the folder “{self.value}”",
            "set field": f"set {self.field} to “{self.value}”",
            "flag": "flag it",
        }[self.act]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule.

    Attributes:
        conditions: one at least.
        actions: one at least, done in order.
        needs: "all" conditions, or "any" of them.
        is_on: whether it runs.
    """

    conditions: tuple[Condition, ...]
    actions: tuple[Action, ...]
    needs: Literal["all", "any"] = "all"
    is_on: bool = True

    def __post_init__(self) -> None:
        if not self.conditions or not self.actions:
            raise RulesError("A rule needs a condition and something to do.")
        if max(len(self.conditions), len(self.actions)) > MOST_PARTS:
            raise RulesError(f"A rule may have {MOST_PARTS} conditions and as many actions.")
        if self.needs not in {"all", "any"}:
            raise RulesError(f"A rule needs “all” or “any” of its conditions, not “{self.needs}”.")

    def sentence(self) -> str:
        """Return the rule as a person would say it."""
        link = " and " if self.needs == "all" else " or "
        condition = link.join(one.sentence() for one in self.conditions)
        action = ", ".join(one.sentence() for one in self.actions)
        return f"If {condition}, {action}."


def _or(names: Iterable[str]) -> str:
    listed = [f"“{name}”" for name in names]
    return " or ".join([", ".join(listed[:-1]), listed[-1]])


def _check_text(value: object) -> None:
    if not isinstance(value, str) or not value.strip():
        raise RulesError("A condition or an action of a rule needs words.")
    if len(value) > LONGEST_VALUE:
        raise RulesError(f"A value of a rule may have {LONGEST_VALUE} characters.")


def _check_share(value: object) -> None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 <= float(str(value)) <= 1:
        raise RulesError(f"A confidence is a number from 0 to 1, not “{value}”.")


def _check_folder(value: str) -> None:
    parts = value.split("/")
    if any(not part.strip() or part.strip(".") == "" for part in parts) or (
        set(value) & _FORBIDDEN_IN_FOLDERS
    ):
        raise RulesError(f"“{value}” is no folder that every computer can make.")
