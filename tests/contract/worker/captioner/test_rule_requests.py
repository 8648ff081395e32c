"""The worker's requests about rules: read from a file, tried on images."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from pycore.errors import ConfigurationError, RulesError
from pycore.exports import COLUMNS
from pycore.rules import rule
from tools import protocol_types
from worker import protocol
from worker.captioner.jobs import Job, Payload
from worker.captioner.rule_requests import RuleRequests

JOB = Job(1, lambda *_: None)
RULE = {
    "if": [{"where": "caption", "test": "contains", "value": "dog"}],
    "then": [{"act": "add keyword", "value": "pet"}],
}


def ask(kind: str, **payload: Any) -> Payload:
    """Send a request through the protocol's check; the answer has the fields that it promises."""
    _, kind, checked = protocol.check_request(protocol.make_message(1, kind, payload))

    async def work() -> Payload:
        return await RuleRequests().works[kind](JOB, checked)

    answer = asyncio.run(work())
    assert set(answer) == set(protocol_types.payloads()[protocol.ANSWERS[kind]])
    return answer


def test_rules_of_a_file_and_of_a_workflow() -> None:
    text = json.dumps({"format": "seesay rules", "version": 1, "rules": [RULE]})
    assert ask("rules.read", text=text) == {"rules": [RULE]}
    condition = {"key": "caption", "operator": "kex", "value": ["dog", "cat"]}
    workflow = {"tasks": [{"id": 1, "next": [{"conditions": [condition], "tasks": [2]}]}]}
    (found,) = ask("rules.read", text=json.dumps(workflow))["rules"]
    assert [one["value"] for one in found["if"]] == ["dog", "cat"]
    assert (found["needs"], found["then"]) == ("any", [{"act": "flag"}])
    for other in ("{}", "[1]", json.dumps([{**condition, "operator": "gt"}])):
        with pytest.raises(RulesError):
            ask("rules.read", text=other)


def test_rules_on_images() -> None:
    images = [{"name": "a.jpg", "caption": "a cat"}, {"name": "b.jpg", "caption": "a dog"}]
    answer = ask("rules.run", rules=[RULE], images=images)
    assert answer["counts"] == [{"matched": 1, "changed": 1}]
    (change,) = answer["changes"]
    fields = protocol_types.payloads()["RuledImage"]
    optional = {name for name, text in fields.items() if text.startswith("NotRequired")}
    assert set(change["after"]) == set(fields) - optional
    assert (change["index"], change["after"]["keywords"]) == (1, ["pet"])
    # What came back can be sent again.
    again = ask("rules.run", rules=[RULE], images=[change["after"] | {"confidence": 1}])
    assert again["changes"] == []


@pytest.mark.parametrize(
    "image",
    [
        1,
        {},
        {"name": "a", "colour": "red"},
        {"name": "a", "keywords": "x"},
        {"name": "a", "confidence": "x"},
        {"name": "a", "confidence": 10**400},
        {"name": "a", "confidence": float("nan")},
        {"name": "a", "state": "done"},
        {"name": "a", "fields": {"x": 1}},
        {"name": "a", "is_flagged": 1},
    ],
)
def test_images_that_are_none(image: object) -> None:
    with pytest.raises(ConfigurationError):
        ask("rules.run", rules=[RULE], images=[image])


def test_no_field_takes_the_name_of_a_column() -> None:
    assert set(rule.COLUMNS) == {*COLUMNS, "flagged"}
