"""Messages between page and worker: their kinds, and checks on what arrives.

Runs in CPython, Pyodide and MicroPython, hence no dataclasses, enum or typing. The errors raised
here become `pycore.errors.ProtocolError` in captioner/main.py; MicroPython cannot import that one.

A message is ``{"v", "id", "kind", "payload"}``. The page sends requests, each with an id of its
own; the worker answers with any number of events and exactly one end of the same id.
"""

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this one for true
if TYPE_CHECKING:
    from typing import Any

VERSION = 1

COMPUTE_REQUESTS = ("caption", "caption.batch", "load")
"""Run one after the other, in order of arrival."""

MODEL_REQUESTS = (
    "model.status",
    "model.download",
    "model.pause",
    "model.remove",
    "model.import",
    "model.export",
)
"""About the model store; run at once, beside captions."""

REQUESTS = COMPUTE_REQUESTS + MODEL_REQUESTS + ("cancel", "diagnostics")
EVENTS = ("progress", "token", "result", "memory", "working")
ENDS = ("done", "error", "cancelled")

STAGES = ("runtime", "model", "image", "encode", "decode")

_TEXT = "text"
_TEXT_OR_NONE = "text or nothing"
_OBJECT = "an object"
_LIST = "a list"
_ID = "an id"
_BYTES = "bytes"
_BYTES_LIST = "a list of bytes"

_PAYLOADS = {
    "caption": {"image": _BYTES, "model": _TEXT, "options": _OBJECT},
    "caption.batch": {"images": _BYTES_LIST, "model": _TEXT, "options": _OBJECT},
    "load": {"model": _TEXT},
    "cancel": {"id": _ID},
    "model.status": {"model": _TEXT_OR_NONE},
    "model.download": {"model": _TEXT},
    "model.pause": {"model": _TEXT},
    "model.remove": {"model": _TEXT},
    "model.import": {"model": _TEXT, "files": _LIST},
    "model.export": {"model": _TEXT},
    "diagnostics": {},
}


class MessageError(ValueError):
    """A message that breaks the protocol; the text says how."""


def make_message(id: int, kind: str, payload: "dict[str, Any]") -> "dict[str, Any]":
    """Return the envelope of a message.

    Args:
        id: whole number; that of the request, or 0 for the boot.
        kind: one of ``REQUESTS``, ``EVENTS`` or ``ENDS``.
        payload: dict of plain data.

    Raises:
        MessageError: when there is no such kind, or the id is not an id.
    """
    if kind not in REQUESTS and kind not in EVENTS and kind not in ENDS:
        raise MessageError("there is no kind %r" % (kind,))
    if not _is_id(id):
        raise MessageError("%r is not an id" % (id,))
    return {"v": VERSION, "id": id, "kind": kind, "payload": payload}


def check_request(message: object) -> "tuple[int, str, dict[str, Any]]":
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
        raise MessageError("version %r is not %r" % (message.get("v"), VERSION))
    id: Any = message.get("id")
    kind: Any = message.get("kind")
    payload: Any = message.get("payload")
    if not _is_id(id):
        raise MessageError("%r is not an id" % (id,))
    if kind not in REQUESTS:
        raise MessageError("there is no request %r" % (kind,))
    if not isinstance(payload, dict):
        raise MessageError("the payload of %s must be an object" % kind)
    expected = _PAYLOADS[kind]
    for name in payload:
        if name not in expected:
            raise MessageError("%s has no %r" % (kind, name))
    for name, wanted in expected.items():
        if name not in payload or not _fits(payload[name], wanted):
            raise MessageError("%r in %s must be %s" % (name, kind, wanted))
    return id, kind, payload


def _is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _fits(value: object, wanted: str) -> bool:
    if wanted == _TEXT:
        return isinstance(value, str) and value != ""
    if wanted == _TEXT_OR_NONE:
        return value is None or (isinstance(value, str) and value != "")
    if wanted == _OBJECT:
        return isinstance(value, dict)
    if wanted == _LIST:
        return isinstance(value, list)
    if wanted == _BYTES:
        return isinstance(value, (bytes, bytearray, memoryview))
    if wanted == _BYTES_LIST:
        return isinstance(value, list) and all(_fits(item, _BYTES) for item in value)
    return _is_id(value)
