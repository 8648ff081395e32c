"""The page's requests about rules: read from a file, and tried on images."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any, cast

from pycore.errors import ConfigurationError
from pycore.rules import STATES, Subject, from_dict, from_file, run, to_dict
from worker.captioner.jobs import Job, Payload

if TYPE_CHECKING:
    from worker import answers, requests


class RuleRequests:
    """Answers the ``rules.*`` requests of worker/protocol.py.

    Attributes:
        works: what answers each kind of request.
    """

    def __init__(self) -> None:
        self.works: dict[str, Callable[[Job, Any], Awaitable[Payload]]] = {
            "rules.read": self.read,
            "rules.run": self.run,
        }

    async def read(self, job: Job, payload: requests.RulesText) -> answers.RuleList:
        """Read a file of rules, or a workflow of Filestack.

        Raises:
            RulesError: it holds none, or one that is none.
        """
        del job
        return {"rules": [to_dict(rule) for rule in from_file(payload["text"])]}

    async def run(self, job: Job, payload: requests.RulesOnImages) -> answers.RulesOutcome:
        """Say what rules would make of images.

        Raises:
            RulesError: a rule that is none.
            ConfigurationError: an image that is none.
        """
        del job
        rules = [from_dict(rule) for rule in payload["rules"]]
        outcome = run(rules, [subject_of(image) for image in payload["images"]])
        return {
            "counts": [cast("answers.RuleCount", asdict(count)) for count in outcome.counts],
            "changes": [
                {
                    "index": change.index,
                    "before": _plain(change.before),
                    "after": _plain(change.after),
                }
                for change in outcome.changes
            ],
        }


def subject_of(given: object) -> Subject:
    """Return an image as pycore's rules know it.

    Raises:
        ConfigurationError: a field that there is not, or of the wrong type.
    """
    if not isinstance(given, Mapping) or not given.get("name"):
        raise ConfigurationError("An image for rules must have a name.")
    default = Subject("")
    for name, value in given.items():
        if name not in {one.name for one in fields(Subject)}:
            raise ConfigurationError(f"An image for rules has no field {name}.")
        if not _fits(name, value, getattr(default, name)):
            raise ConfigurationError(f"The field {name} of an image has a wrong value.")
    values = dict(given)
    if values.get("confidence") is not None:
        values["confidence"] = float(values["confidence"])
    return Subject(**{**values, "keywords": tuple(values.get("keywords", ()))})


def _fits(name: str, value: object, default: object) -> bool:
    if name == "keywords":
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    if name == "fields":
        return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())
    if name == "confidence":
        if isinstance(value, int | float) and not isinstance(value, bool):
            return 0 <= value <= 1
        return value is None
    if name == "state":
        return value in STATES
    return isinstance(value, type(default))


def _plain(image: Subject) -> answers.RuledImage:
    """Return an image as JavaScript has it: what is None is missing."""
    values = asdict(image) | {"keywords": [*image.keywords]}
    return cast("answers.RuledImage", {k: v for k, v in values.items() if v is not None})
