"""Rules over images and their words: read by a person, tried before they run, taken back after."""

from __future__ import annotations

from pycore.rules.rule import ACTS, TESTS, Action, Condition, Rule
from pycore.rules.rule_files import from_filestack, from_json, to_json
from pycore.rules.run import Change, Count, Outcome, run
from pycore.rules.subject import STATES, State, Subject
from pycore.rules.word_pattern import WordPattern

__all__ = [
    "ACTS",
    "STATES",
    "TESTS",
    "Action",
    "Change",
    "Condition",
    "Count",
    "Outcome",
    "Rule",
    "State",
    "Subject",
    "WordPattern",
    "from_filestack",
    "from_json",
    "run",
    "to_json",
]
