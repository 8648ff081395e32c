"""Rules over images and their words: read by a person, tried before they run, taken back after."""

from __future__ import annotations

from pycore.rules.rule import TESTS, Action, Condition, Rule
from pycore.rules.rule_files import (
    from_dict,
    from_file,
    from_filestack,
    from_json,
    to_dict,
    to_json,
)
from pycore.rules.run import Change, Count, Outcome, run
from pycore.rules.subject import State, Subject
from pycore.rules.word_pattern import WordPattern
from pycore.rules.wording import ACTS, STATES

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
    "from_dict",
    "from_file",
    "from_filestack",
    "from_json",
    "run",
    "to_dict",
    "to_json",
]
