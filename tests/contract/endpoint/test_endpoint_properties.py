"""Addresses of the endpoint, made by chance: one is understood, or refused with a reason."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pycore.endpoint.request_path import parse_path
from pycore.endpoint.task_grammar import TASKS
from pycore.errors import ConfigurationError

HANDLE = "ab" * 32


@given(st.lists(st.sampled_from(["/", "=", ":", ",", "[", "]", "%", "caption", "src://", *TASKS])))
def test_nothing_but_refusals(parts: list[str]) -> None:
    try:
        request = parse_path("".join(parts))
    except ConfigurationError:
        return
    again = parse_path(f"{request.chain}{'/' if request.chain else ''}caption/{HANDLE}")
    assert again.tasks == request.tasks
