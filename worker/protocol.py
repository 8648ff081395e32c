"""Messages between page and worker: their kinds, and checks on requests.

A message is ``{"v", "id", "kind", "payload"}``. The page sends requests, each with an id of its
own; the worker answers with any number of events and exactly one end of the same id. What is about
the worker itself has the id 0.

What the payloads hold is defined in requests.py and answers.py, and nowhere else: type checkers
read it there, the check of requests reads their types, and tools/protocol_types.py makes
web/api/protocol.d.ts of them for the JavaScript at both ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from worker import requests

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = 1

BOOT_REQUESTS: dict[str, type] = {"init": requests.Init, "ping": requests.Nothing}
"""Taken by boot.mjs, before Python runs and besides it."""

COMPUTE_REQUESTS: dict[str, type] = {
    "caption": requests.Caption,
    "caption.batch": requests.CaptionBatch,
    "load": requests.OneModel,
    "endpoint.answer": requests.EndpointImage,
}
"""Run one after the other, in order of arrival."""

MODEL_REQUESTS: dict[str, type] = {
    "model.list": requests.Nothing,
    "model.status": requests.OneModel,
    "model.download": requests.OneModel,
    "model.pause": requests.OneModel,
    "model.remove": requests.OneModel,
    "model.import": requests.ModelImport,
    "model.export": requests.OneModel,
}
"""About the model store; run at once, beside captions."""

WORD_REQUESTS: dict[str, type] = {
    "metadata.read": requests.OneImage,
    "metadata.plan": requests.WordsForImage,
    "metadata.write": requests.WordsForImage,
    "metadata.sidecar": requests.WordsAlone,
    "export": requests.ExportOrder,
    "table.merge": requests.TableToMerge,
}
"""Words inside image files, and lists of them as files; run at once, beside captions."""

DOCUMENT_REQUESTS: dict[str, type] = {
    "documents.open": requests.DocumentFiles,
    "documents.picture": requests.OneDocumentImage,
    "documents.write": requests.DocumentWords,
    "documents.close": requests.OneDocuments,
}
"""About documents whose images lack words; run at once, beside captions."""

RULE_REQUESTS: dict[str, type] = {
    "rules.read": requests.RulesText,
    "rules.run": requests.RulesOnImages,
}
"""Rules over images and their words; run at once, beside captions."""

ENDPOINT_REQUESTS: dict[str, type] = {"endpoint.read": requests.EndpointCall}
"""What a request to the endpoint asks for; its caption is one of COMPUTE_REQUESTS."""

OTHER_REQUESTS: dict[str, type] = {"cancel": requests.Cancel, "diagnostics": requests.Nothing}

REQUESTS = {
    **COMPUTE_REQUESTS,
    **MODEL_REQUESTS,
    **WORD_REQUESTS,
    **DOCUMENT_REQUESTS,
    **RULE_REQUESTS,
    **ENDPOINT_REQUESTS,
    **OTHER_REQUESTS,
}

ANSWERS = {
    "init": "Booted",
    "caption": "CaptionResult",
    "caption.batch": "Nothing",
    "load": "ModelName",
    "model.list": "ModelList",
    "model.status": "ModelStatus",
    "model.download": "ModelStatus",
    "model.pause": "ModelStatus",
    "model.remove": "ModelStatus",
    "model.import": "ModelStatus",
    "model.export": "ModelFile",
    "metadata.read": "FileWords",
    "metadata.plan": "FileChange",
    "metadata.write": "WrittenFile",
    "metadata.sidecar": "OneBlob",
    "export": "ExportFile",
    "table.merge": "Merge",
    "documents.open": "DocumentList",
    "documents.picture": "FileContent",
    "documents.write": "FileContent",
    "documents.close": "Nothing",
    "rules.read": "RuleList",
    "rules.run": "RulesOutcome",
    "endpoint.read": "EndpointStep",
    "endpoint.answer": "EndpointAnswer",
    "diagnostics": "Diagnostics",
}
"""What ``done`` carries, by the kind of the request; types of answers.py."""

EVENTS = {
    "progress": "Progress",
    "token": "Token",
    "result": "ImageEnd",
    "memory": "Memory",
    "working": "Working",
    "pong": "Nothing",
}
ENDS = {"done": "Any", "error": "Failure", "cancelled": "Failure"}

_WORDS: dict[object, str] = {
    str: "text",
    dict[str, Any]: "an object",
    list[Any]: "a list",
    int: "an id",
    bytes: "bytes",
    list[bytes]: "a list of bytes",
}
"""What a request's fields may be, in words."""


class MessageError(ValueError):
    """A message that breaks the protocol; the text says how."""


def make_message(message_id: int, kind: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return the envelope of a message.

    Args:
        message_id: whole number; that of the request, or 0 for what is about the worker itself.
        kind: one of ``REQUESTS``, ``EVENTS`` or ``ENDS``.
        payload: dict of plain data, of the type that the kind has.

    Raises:
        MessageError: when there is no such kind, or the id is not an id.
    """
    if kind not in REQUESTS and kind not in EVENTS and kind not in ENDS:
        raise MessageError(f"there is no kind {kind!r}")
    if not _is_id(message_id):
        raise MessageError(f"{message_id!r} is not an id")
    return {"v": VERSION, "id": message_id, "kind": kind, "payload": payload}


def check_request(message: object) -> tuple[int, str, dict[str, Any]]:
    """Check a message from the page.

    Args:
        message: dict; what arrived.

    Returns:
        (id, kind, payload): the id is a whole number, the kind one of ``REQUESTS``, and the
        payload a dict with exactly the entries that this kind has.

    Raises:
        MessageError: when anything is missing, unknown, or of the wrong type.
    """
    if not isinstance(message, dict):
        raise MessageError("a message must be an object")
    if message.get("v") != VERSION:
        raise MessageError(f"version {message.get('v')!r} is not {VERSION!r}")
    message_id: Any = message.get("id")
    kind: Any = message.get("kind")
    payload: Any = message.get("payload")
    if not _is_id(message_id):
        raise MessageError(f"{message_id!r} is not an id")
    if not isinstance(kind, str) or kind not in REQUESTS:
        raise MessageError(f"there is no request {kind!r}")
    if not isinstance(payload, dict):
        raise MessageError(f"the payload of {kind} must be an object")
    expected = REQUESTS[kind].__annotations__
    for name in payload:
        if name not in expected:
            raise MessageError(f"{kind} has no {name!r}")
    for name, wanted in expected.items():
        if name not in payload or not _fits(payload[name], wanted):
            raise MessageError(f"{name!r} in {kind} must be {_WORDS[wanted]}")
    return message_id, kind, payload


def _is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _fits(value: object, wanted: object) -> bool:
    if wanted is str:
        return isinstance(value, str) and value != ""
    if wanted == dict[str, Any]:
        return isinstance(value, dict)
    if wanted == list[Any]:
        return isinstance(value, list)
    if wanted is bytes:
        return isinstance(value, bytes | bytearray | memoryview)
    if wanted == list[bytes]:
        return isinstance(value, list) and all(_fits(item, bytes) for item in value)
    return _is_id(value)
