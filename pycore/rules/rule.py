"""A rule: what must be so, and what is done then; each part reads as a piece of a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from pycore.errors import RulesError
from pycore.rules import wording
from pycore.rules.word_pattern import WordPattern
from pycore.rules.wording import ACTS, ALONE, STATES

if TYPE_CHECKING:
    from collections.abc import Iterable

Test = Literal["contains", "lacks", "matches", "is", "is not", "is there", "is missing",
               "is under", "is over"]  # fmt: skip
Where = Literal["caption", "alt text", "text", "name", "keyword", "confidence", "state"]
Act = Literal["add keyword", "remove keyword", "set state", "put into folder", "set field", "flag"]

TESTS = cast("dict[Where, tuple[Test, ...]]", wording.TESTS)
LONGEST_VALUE = 500
MOST_PARTS = 20
"""Conditions, and actions, of one rule."""

COLUMNS = ("name", "caption", "alt_text", "extended_description", "keywords", "text", "source",
           "model", "revision", "state", "reviewed", "date", "sha256", "flagged")  # fmt: skip
"""What exports have already: no field of a rule may take their names."""

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
        if self.test in ALONE:
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
        return wording.condition(self.where, self.test, self.value)


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
        _check_field(self.field)
        if self.act == "set state" and self.value not in STATES:
            raise RulesError(f"There is no state “{self.value}”. There are {_or(STATES)}.")
        if self.act == "put into folder":
            _check_folder(self.value)
        if max(len(self.value), len(self.field)) > LONGEST_VALUE:
            raise RulesError(f"A value of a rule may have {LONGEST_VALUE} characters.")

    def sentence(self) -> str:
        """Return "add the keyword “pet”"."""
        return wording.action(self.act, self.value, self.field)


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
        return wording.sentence(
            [one.sentence() for one in self.conditions],
            [one.sentence() for one in self.actions],
            self.needs,
        )


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


def _check_field(name: str) -> None:
    if name.strip().casefold() in COLUMNS:
        raise RulesError(f"“{name}” is a column of every export. Choose another name.")
    if name.strip().startswith("/"):  # lists mark images so by their folder: "/dogs"
        raise RulesError(f"“{name}” begins with “/”, as folders do. Choose another name.")


def _check_folder(value: str) -> None:
    parts = value.split("/")
    if any(not part.strip() or part.strip(".") == "" for part in parts) or (
        set(value) & _FORBIDDEN_IN_FOLDERS
    ):
        raise RulesError(f"“{value}” is no folder that every computer can make.")
