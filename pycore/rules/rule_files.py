"""Rules as JSON, and workflow conditions of Filestack as rules.

{"format": "seesay rules", "version": 1, "rules": [
  {"if": [{"where": "caption", "test": "contains", "value": "dog"}],
   "then": [{"act": "add keyword", "value": "pet"}]}]}
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pycore.errors import RulesError
from pycore.json_data import parse_json
from pycore.rules.rule import Action, Condition, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FORMAT = "seesay rules"
VERSION = 1
MAX_BYTES = 1 << 20
MOST_RULES = 500
DEEPEST = 16
"""Levels of lists and objects; rules have five."""


def to_json(rules: Sequence[Rule]) -> str:
    """Return rules as a file, one line for each, so that two versions can be compared."""
    lines = ",\n".join("  " + json.dumps(to_dict(rule), ensure_ascii=False) for rule in rules)
    head = f'{{"format": "{FORMAT}", "version": {VERSION}, "rules": [\n'
    return head + lines + ("\n" if lines else "") + "]}\n"


def from_json(text: str) -> list[Rule]:
    """Read such a file.

    Raises:
        RulesError: no JSON, of another kind or a later version, or with a rule that is none; the
            message says which.
    """
    return _from_data(_read(text))


def from_file(text: str) -> list[Rule]:
    """Read rules of Seesay, or the conditions on captions in a workflow of Filestack.

    What is done where such a condition holds stands elsewhere in a workflow, so that the rules made
    of them flag the image until a person says otherwise.

    Raises:
        RulesError: it holds neither.
    """
    data = _read(text)
    if isinstance(data, dict) and "format" in data:
        return _from_data(data)
    found = [from_filestack(one, (Action("flag"),)) for one in _conditions(data)]
    if not found:
        raise RulesError("The file holds no rules of Seesay, and no condition of Filestack.")
    if len(found) > MOST_RULES:
        raise RulesError(f"A file of rules has a list of them, of {MOST_RULES} at most.")
    return found


def _conditions(data: object) -> Iterator[object]:
    """Yield what looks like a condition on captions, however deep it lies."""
    if isinstance(data, dict):
        if data.get("key") == "caption" and "operator" in data:
            yield data
        else:
            for one in data.values():
                yield from _conditions(one)
    elif isinstance(data, list):
        for one in data:
            yield from _conditions(one)


def _read(text: str) -> object:
    if len(text) > MAX_BYTES:
        raise RulesError(f"The file of rules has over {MAX_BYTES / 1e6:.0f} MB.")
    try:
        data: object = parse_json(text, deepest=DEEPEST)
    except ValueError as error:
        raise RulesError("The file of rules is not JSON.", detail=str(error)) from error
    return data


def _from_data(data: object) -> list[Rule]:
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise RulesError("The file holds no rules of Seesay.")
    if data.get("version") != VERSION:
        raise RulesError("The rules were written by a newer Seesay. Update and try again.")
    listed = data.get("rules")
    if not isinstance(listed, list) or len(listed) > MOST_RULES:
        raise RulesError(f"A file of rules has a list of them, of {MOST_RULES} at most.")
    rules = []
    for number, one in enumerate(listed, 1):
        try:
            rules.append(from_dict(one))
        except RulesError as error:
            raise RulesError(f"Rule {number}: {error.message}", detail=error.detail) from error
    return rules


def from_filestack(condition: object, actions: Sequence[Action]) -> Rule:
    """Make a rule of a workflow's condition on a caption.

    Args:
        condition: ``{"key": "caption", "operator": "kex", "value": "dog"}``, as JSON has it. Of a
            value that is a list, any is enough. "kex" asks for words in the caption; here they
            are whole ones.
        actions: what is done.

    Raises:
        RulesError: another key or operator, or no words.
    """
    found = _object(condition, "A condition", {"key", "operator", "value"})
    if found.get("key") != "caption" or found.get("operator") != "kex":
        raise RulesError(
            f"Only “kex” on “caption” can be taken over, not “{found.get('operator')}” on "
            f"“{found.get('key')}”."
        )
    value = found.get("value")
    words = value if isinstance(value, list) else [value]
    conditions = tuple(Condition("caption", "contains", _text(word)) for word in words)
    return Rule(conditions, tuple(actions), needs="any" if len(conditions) > 1 else "all")


def to_dict(rule: Rule) -> dict[str, Any]:
    """Return a rule as JSON has it."""
    data: dict[str, Any] = {
        "if": [_filled(where=one.where, test=one.test, value=one.value) for one in rule.conditions],
        "then": [_filled(act=one.act, field=one.field, value=one.value) for one in rule.actions],
    }
    if rule.needs != "all":
        data["needs"] = rule.needs
    if not rule.is_on:
        data["on"] = False
    return data


def _filled(**values: str | float) -> dict[str, str | float]:
    return {name: value for name, value in values.items() if value != ""}


def from_dict(data: object) -> Rule:
    """Read one rule as JSON has it.

    Raises:
        RulesError: it is none.
    """
    found = _object(data, "A rule", {"if", "then", "needs", "on"})
    needs, is_on = found.get("needs", "all"), found.get("on", True)
    if needs not in ("all", "any") or not isinstance(is_on, bool):
        raise RulesError("“needs” is “all” or “any”, and “on” is true or false.")
    conditions = tuple(_condition(one) for one in _list(found.get("if"), "if"))
    actions = tuple(_action(one) for one in _list(found.get("then"), "then"))
    return Rule(conditions, actions, needs, is_on)


def _condition(data: object) -> Condition:
    found = _object(data, "A condition", {"where", "test", "value"})
    value = found.get("value", "")
    if not isinstance(value, str | int | float):
        raise RulesError(f"The value of a condition is words or a number, not “{value}”.")
    return Condition(_text(found.get("where")), _text(found.get("test")), value)  # type: ignore[arg-type]


def _action(data: object) -> Action:
    found = _object(data, "An action", {"act", "value", "field"})
    value, field = found.get("value", ""), found.get("field", "")
    return Action(_text(found.get("act")), _text(value), _text(field))  # type: ignore[arg-type]


def _object(data: object, what: str, names: set[str]) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise RulesError(f"{what} is an object, not “{data}”.")
    if unknown := sorted(set(data) - names):
        raise RulesError(f"{what} has no “{unknown[0]}”.")
    return data


def _list(data: object, name: str) -> list[object]:
    if not isinstance(data, list):
        raise RulesError(f"“{name}” is a list.")
    return data


def _text(data: object) -> str:
    if not isinstance(data, str):
        raise RulesError(f"Words are expected, not “{data}”.")
    return data
