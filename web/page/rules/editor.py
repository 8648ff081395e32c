"""One rule being written: conditions and actions in fields, and the sentence that they make.

Runs in MicroPython.
"""

from pyscript import document

from page import view
from page.browser.confirm import confirm
from page.browser.events import on, start
from page.rules import rules_texts
from pycore.rules import wording

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    Rule = dict[str, Any]

NEW: "Rule" = {
    "if": [{"where": "caption", "test": "contains", "value": ""}],
    "then": [{"act": "add keyword", "value": ""}],
}


class Editor:
    """The form.

    Attributes:
        rule: as it was before; ``NEW``, and after saving as it is now.
    """

    def __init__(
        self, save: "Callable[[Rule, Rule], Awaitable[str]]", on_close: "Callable[[], None]"
    ) -> None:
        """Take two functions.

        ``save(before, rule)`` is a coroutine: it keeps the rule in the place of the one before, or
        returns what is wrong with it.
        ``on_close()`` is told that the form is closed.
        """
        self.rule: "Rule" = NEW
        self._opened: "Rule" = NEW  # as the fields said it before anybody changed them
        self._save_rule = save
        self._on_close = on_close
        self._conditions: "list[_Part]" = []
        self._actions: "list[_Part]" = []

    def listen(self) -> None:
        """Connect the form."""
        on("rule-add-condition", "click", lambda: self._add(True))
        on("rule-add-action", "click", lambda: self._add(False))
        on("rule-needs", "change", self._say)
        on("rule-cancel", "click", self.close)
        form = view.element("rule-form")
        form.addEventListener("submit", self._on_submit)
        form.addEventListener("keydown", self._on_key)

    def open(self, rule: "Rule") -> None:
        """Show a rule in the fields."""
        self.rule = rule
        self._conditions = [_Part(_CONDITION, one, self._say, self._drop) for one in rule["if"]]
        self._actions = [_Part(_ACTION, one, self._say, self._drop) for one in rule["then"]]
        view.element("rule-needs").value = rule.get("needs", "all")
        view.set_text("rule-problem", "")
        self._lay_out()
        self._opened = self._data()
        view.element("rule-form").hidden = False
        self._conditions[0].focus()

    def close(self) -> None:
        """Put the form away."""
        view.element("rule-form").hidden = True
        self._on_close()

    def _lay_out(self) -> None:
        for name, parts in (("rule-conditions", self._conditions), ("rule-actions", self._actions)):
            view.element(name).replaceChildren(*[part.row for part in parts])
            for part in parts:
                part.let_go(len(parts) > 1)
        view.element("rule-needs-field").hidden = len(self._conditions) < 2
        self._say()

    def _add(self, is_condition: bool) -> None:
        parts, kind = self._parts(is_condition)
        fresh = _Part(kind, NEW["if" if is_condition else "then"][0], self._say, self._drop)
        parts.append(fresh)
        self._lay_out()
        fresh.focus()

    def _drop(self, part: "_Part") -> None:
        parts = self._conditions if part in self._conditions else self._actions
        parts.remove(part)
        self._lay_out()
        parts[-1].focus()

    def _parts(self, is_condition: bool) -> "tuple[list[_Part], Kind]":
        return (self._conditions, _CONDITION) if is_condition else (self._actions, _ACTION)

    def _data(self) -> "Rule":
        rule: "Rule" = {
            "if": [part.data() for part in self._conditions],
            "then": [part.data() for part in self._actions],
        }
        needs = view.element("rule-needs").value
        if needs != "all" and len(self._conditions) > 1:
            rule["needs"] = needs
        if not self.rule.get("on", True):
            rule["on"] = False
        return rule

    def _say(self) -> None:
        view.set_text("rule-sentence", wording.rule(self._data()))

    def _on_submit(self, event: "Any") -> None:
        event.preventDefault()
        start(self._save())

    async def _save(self) -> None:
        view.set_text("rule-problem", rules_texts.CHECKING)
        before, rule = self.rule, self._data()
        problem = await self._save_rule(before, rule)
        if self.rule is not before:  # the form shows another one by now
            return
        view.set_text("rule-problem", problem)
        if not problem:
            self.rule = rule
            self.close()

    def _on_key(self, event: "Any") -> None:
        if event.key == "Escape":
            event.preventDefault()
            start(self._leave())

    async def _leave(self) -> None:
        """Put the form away, but nothing that was typed unasked."""
        if self._data() == self._opened or await confirm(rules_texts.ASK_LEAVE, rules_texts.LEAVE):
            self.close()


class Kind:
    """Whether a part is a condition or an action."""

    def __init__(self, template: str, first: str, choices: "dict[str, str]") -> None:
        """Take the id of its template, what its first choice is called in JSON, and the choices."""
        self.template = template
        self.first = first
        self.choices = choices


_CONDITION = Kind("rule-condition", "where", rules_texts.WHERES)
_ACTION = Kind("rule-action", "act", rules_texts.ACTS)


class _Part:
    """One condition or action: a row of fields."""

    def __init__(
        self,
        kind: Kind,
        data: "dict[str, Any]",
        on_change: "Callable[[], None]",
        on_drop: "Callable[[_Part], None]",
    ) -> None:
        self.row: "Any" = view.element(kind.template).content.firstElementChild.cloneNode(True)
        self._kind = kind
        self._on_change = on_change
        self._first = self._find("rule-first")
        self._value, self._state = self._find("rule-value"), self._find("rule-state")
        self._second = self._find("rule-second")  # the test, or the name of the field
        fill(self._first, kind.choices)
        fill(self._state, {state: state for state in wording.STATES})
        self._first.value = data[kind.first]
        self._offer_tests()
        self._second.value = data.get("test" if self._is_condition() else "field", "")
        value = data.get("value", "")
        if not isinstance(value, str):  # a confidence
            value = str(round(value * 100))
        self._value.value = value
        if value in wording.STATES:
            self._state.value = value
        self._show_fields()
        self._first.addEventListener("change", lambda _event: self._choose())
        for field in (self._second, self._value, self._state):
            field.addEventListener("input", lambda _event: self._change())
        self._find("rule-drop").addEventListener("click", lambda _event: on_drop(self))

    def focus(self) -> None:
        """Lead the keyboard here."""
        self._first.focus()

    def let_go(self, may_go: bool) -> None:
        """Let the row be taken away, or not: it is the last one."""
        self._find("rule-drop").hidden = not may_go

    def data(self) -> "dict[str, Any]":
        """The part as JSON has it."""
        data = {self._kind.first: self._first.value}
        if self._is_condition():
            data["test"] = self._second.value
        elif self._first.value == "set field":
            data["field"] = self._second.value.strip()
        if not self._state.hidden:
            data["value"] = self._state.value
        elif not self._value.hidden:
            data["value"] = self._typed()
        return data

    def _typed(self) -> "str | float":
        text: str = self._value.value.strip()
        if self._first.value == "confidence":
            try:
                return float(text) / 100
            except ValueError:
                return text
        return text

    def _is_condition(self) -> bool:
        return self._kind is _CONDITION

    def _find(self, name: str) -> "Any":
        return self.row.querySelector(f".{name}")

    def _choose(self) -> None:
        self._offer_tests()
        self._change()

    def _change(self) -> None:
        self._show_fields()
        self._on_change()

    def _offer_tests(self) -> None:
        if self._is_condition():
            before = self._second.value
            tests = wording.TESTS[self._first.value]
            fill(self._second, {test: test for test in tests})
            self._second.value = before if before in tests else tests[0]

    def _show_fields(self) -> None:
        first = self._first.value
        is_state = first in ("state", "set state")
        is_alone = first == "flag" or self._second.value in wording.ALONE
        self._state.hidden = not is_state
        self._value.hidden = is_state or is_alone
        if not self._is_condition():
            self._second.hidden = first != "set field"
        elif self._second.value == "matches":
            self._value.placeholder = "dog* ... beach | cat"
        else:
            self._value.placeholder = ""


def fill(select: "Any", choices: "dict[str, str]") -> None:
    """Give a field these choices: what a person reads, by value."""
    options = []
    for value, name in choices.items():
        option = document.createElement("option")
        option.value = value
        option.textContent = name
        options.append(option)
    select.replaceChildren(*options)
