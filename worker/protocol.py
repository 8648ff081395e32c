"""Messages between page and worker: their kinds, their payloads, and checks on requests.

Runs in CPython, Pyodide and MicroPython, hence no dataclasses, enum or typing. The errors raised
here become `pycore.errors.ProtocolError` in captioner/main.py; MicroPython cannot import that one.

A message is ``{"v", "id", "kind", "payload"}``. The page sends requests, each with an id of its
own; the worker answers with any number of events and exactly one end of the same id. What is about
the worker itself has the id 0.

The types below are the only definition: type checkers see TypedDicts, the check of requests reads
their fields, and tools/protocol_types.py makes web/api/protocol.d.ts of them for the JavaScript at
both ends.
"""

TYPE_CHECKING = False  # MicroPython has no typing; type checkers take this one for true
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Literal, NotRequired, TypedDict  # noqa: F401 - named in texts

TYPES: "dict[str, dict[str, str]]" = {}
"""Every type of payload by name: its fields, and their types as text."""

if not TYPE_CHECKING:

    def TypedDict(name, fields):  # noqa: N802
        """Return a payload's fields, their types as text, and note them under its name."""
        TYPES[name] = fields
        return fields


VERSION = 1

# What the page sends

Nothing = TypedDict("Nothing", {})

Init = TypedDict(
    "Init",
    {
        "baseUrl": "str",
        "numThreads": "int | None",
        "hub": "str | None",
        "lowMemory": "bool | None",
        "model": "str",
    },
)
Caption = TypedDict("Caption", {"image": "bytes", "model": "str", "options": "dict[str, Any]"})
CaptionBatch = TypedDict(
    "CaptionBatch", {"images": "list[bytes]", "model": "str", "options": "dict[str, Any]"}
)
Cancel = TypedDict("Cancel", {"id": "int"})
OneModel = TypedDict("OneModel", {"model": "str"})
ModelImport = TypedDict("ModelImport", {"model": "str", "files": "list[Any]"})
OneImage = TypedDict("OneImage", {"image": "bytes"})
WordsForImage = TypedDict(
    "WordsForImage", {"image": "bytes", "words": "dict[str, Any]", "options": "dict[str, Any]"}
)
WordsAlone = TypedDict("WordsAlone", {"words": "dict[str, Any]", "options": "dict[str, Any]"})
ExportOrder = TypedDict(
    "ExportOrder", {"records": "list[Any]", "files": "list[Any]", "options": "dict[str, Any]"}
)
TableToMerge = TypedDict("TableToMerge", {"records": "list[Any]", "table": "bytes"})
DocumentFiles = TypedDict("DocumentFiles", {"names": "list[Any]", "files": "list[bytes]"})
OneDocumentImage = TypedDict("OneDocumentImage", {"documents": "int", "index": "int"})
DocumentWords = TypedDict("DocumentWords", {"documents": "int", "words": "list[Any]"})
OneDocuments = TypedDict("OneDocuments", {"documents": "int"})
RulesText = TypedDict("RulesText", {"text": "str"})
RulesOnImages = TypedDict("RulesOnImages", {"rules": "list[Any]", "images": "list[Any]"})
EndpointCall = TypedDict("EndpointCall", {"method": "str", "target": "str"})
EndpointImage = TypedDict(
    "EndpointImage",
    {
        "method": "str",
        "target": "str",
        "image": "bytes",
        "contentType": "str",
        "model": "str",
    },
)

# What the worker sends. Whatever may be None there is missing in JavaScript.

Booted = TypedDict("Booted", {"lock": "NotRequired[str]"})  # that it holds as long as it lives
Failure = TypedDict("Failure", {"code": "str", "message": "str", "detail": "str"})
Progress = TypedDict(
    "Progress",
    {
        "stage": "Literal['runtime', 'model', 'image', 'encode', 'decode', 'text', 'export']",
        "loaded": "int",
        "total": "int",
        "unit": "Literal['bytes', 'steps']",
        "source": "NotRequired[Literal['network', 'site', 'device']]",
        "phase": "NotRequired[Literal['downloading', 'checking', 'waiting', 'other_tab',"
        " 'importing', 'exporting']]",
        "file": "NotRequired[str]",
        "speed_bytes_per_s": "NotRequired[float | None]",
        "seconds_left": "NotRequired[float | None]",
        "message": "NotRequired[str]",
        "retry_in_s": "NotRequired[float | None]",
        "in_memory": "NotRequired[bool]",
    },
)
Steps = TypedDict("Steps", {"loaded": "int", "total": "int"})
TokenInfo = TypedDict("TokenInfo", {"id": "int", "text": "str", "logprob": "float"})
Token = TypedDict("Token", {"text": "str", "token": "TokenInfo", "loaded": "int", "total": "int"})
Word = TypedDict("Word", {"text": "str", "agreement": "float", "doubtful": "bool"})
WordAttention = TypedDict("WordAttention", {"text": "str", "weights": "list[float]"})
Attention = TypedDict(
    "Attention", {"height": "int", "width": "int", "words": "list[WordAttention]"}
)
Candidate = TypedDict(
    "Candidate",
    {
        "text": "str",
        "score": "float",
        "tokens": "list[TokenInfo]",
        "words": "list[Word]",
        "attention": "NotRequired[Attention]",
    },
)
ModelName = TypedDict("ModelName", {"id": "str", "revision": "str"})
Timings = TypedDict(
    "Timings",
    {
        "decode_ms": "float",
        "preprocess_ms": "float",
        "encode_ms": "float",
        "token_ms": "list[float]",
    },
)
ImageInfo = TypedDict(
    "ImageInfo",
    {
        "width": "int",
        "height": "int",
        "format": "str",
        "sha256": "str",
        "seen": "list[float]",
    },
)
Keyword = TypedDict("Keyword", {"text": "str", "confidence": "float"})
ImageText = TypedDict(
    "ImageText",
    {
        "text": "str",
        "confidence": "float",
        "language": "Literal['eng', 'deu', 'fra', 'spa']",
    },
)
Answer = TypedDict(
    "Answer",
    {
        "text": "str",
        "confidence": "float",
        "flagged": "bool",
        "candidates": "list[Candidate]",
        "timings": "Timings",
    },
)
TaskAnswers = TypedDict(
    "TaskAnswers",
    {
        "caption": "NotRequired[Answer]",
        "detailed": "NotRequired[Answer]",
        "text": "NotRequired[Answer]",
        "objects": "NotRequired[Answer]",
    },
)
FoundObject = TypedDict("FoundObject", {"label": "str", "box": "list[float]"})
CaptionResult = TypedDict(
    "CaptionResult",
    {
        "caption": "str",
        "confidence": "float",
        "flagged": "bool",
        "candidates": "list[Candidate]",
        "model": "ModelName",
        "timings": "Timings",
        "image": "ImageInfo",
        "notes": "list[str]",
        "kind": "NotRequired[Literal['drawing', 'photograph', 'text']]",
        "keywords": "list[Keyword]",
        "text": "NotRequired[ImageText]",
        "text_problem": "NotRequired[str]",
        "answers": "NotRequired[TaskAnswers]",
        "objects": "NotRequired[list[FoundObject]]",
    },
)
ImageEnd = TypedDict(
    "ImageEnd",
    {"index": "int", "result": "NotRequired[CaptionResult]", "error": "NotRequired[Failure]"},
)
Heaps = TypedDict("Heaps", {"model_heap_bytes": "int", "python_heap_bytes": "int"})
Memory = TypedDict(
    "Memory", {"model_heap_bytes": "int", "python_heap_bytes": "int", "keeps_models": "bool"}
)
Working = TypedDict("Working", {"patience_s": "int"})
ModelStatus = TypedDict(
    "ModelStatus",
    {
        "model": "str",
        "name": "str",
        "description": "str",
        "repository": "str",
        "revision": "str",
        "licence": "str",
        "source_url": "str",
        "state": "Literal['builtin', 'ready', 'partial', 'absent']",
        "hosted": "bool",
        "in_memory": "bool",
        "size_bytes": "int",
        "stored_bytes": "int",
    },
)
Storage = TypedDict(
    "Storage",
    {"used_bytes": "int | None", "quota_bytes": "int | None", "persisted": "bool | None"},
)
ModelList = TypedDict("ModelList", {"models": "list[ModelStatus]", "storage": "Storage"})
ModelFile = TypedDict("ModelFile", {"name": "str", "blob": "Any"})
ImageWords = TypedDict(
    "ImageWords",
    {
        "alt_text": "str",
        "extended_description": "str",
        "description": "str",
        "keywords": "list[str]",
        "caption_writer": "str",
    },
)
FileWords = TypedDict(
    "FileWords",
    {"format": "str", "signed": "bool", "words": "ImageWords", "by_person": "ImageWords"},
)
FieldChange = TypedDict(
    "FieldChange",
    {
        "name": "str",
        "before": "str | list[str]",
        "after": "str | list[str]",
        "outcome": "Literal['none', 'same', 'kept', 'added', 'replaced', 'removed']",
    },
)
FileChange = TypedDict(
    "FileChange",
    {
        "format": "str",
        "signed": "bool",
        "fields": "list[FieldChange]",
        "places": "list[str]",
        "warnings": "list[str]",
    },
)
WrittenFile = TypedDict("WrittenFile", {"blob": "Any", "change": "FileChange"})
OneBlob = TypedDict("OneBlob", {"blob": "Any"})
ExportFile = TypedDict("ExportFile", {"name": "str", "blob": "Any", "notes": "list[str]"})
Update = TypedDict("Update", {"index": "int", "fields": "dict[str, Any]"})
Conflict = TypedDict(
    "Conflict",
    {
        "index": "int",
        "name": "str",
        "field": "str",
        "here": "str | list[str]",
        "there": "str | list[str]",
    },
)
Merge = TypedDict(
    "Merge",
    {
        "updates": "list[Update]",
        "conflicts": "list[Conflict]",
        "same": "int",
        "unknown": "list[str]",
        "changed": "list[str]",
    },
)
DocumentImage = TypedDict(
    "DocumentImage",
    {
        "document": "str",
        "line": "int",
        "address": "str",
        "alt": "NotRequired[str]",
        "reason": "Literal['missing', 'empty', 'file name', 'alone in a link']",
        "before": "str",
        "after": "str",
        "picture": "NotRequired[str]",
        "is_embedded": "bool",
        "may_be_decorative": "bool",
    },
)
DocumentNote = TypedDict("DocumentNote", {"document": "str", "message": "str"})
DocumentList = TypedDict(
    "DocumentList",
    {
        "documents": "int",
        "image_count": "int",
        "images": "list[DocumentImage]",
        "notes": "list[DocumentNote]",
    },
)
FileContent = TypedDict("FileContent", {"name": "str", "data": "Any"})
EndpointSource = TypedDict(
    "EndpointSource",
    {
        "kind": "Literal['handle', 'url', 'alias', 'body']",
        "value": "str",
        "alias": "str",
        "host": "str",
        "takes_kept": "bool",
    },
)
EndpointAnswer = TypedDict(
    "EndpointAnswer", {"status": "int", "body": "str", "headers": "dict[str, Any]"}
)
EndpointStep = TypedDict(
    "EndpointStep",
    {"source": "NotRequired[EndpointSource]", "answer": "NotRequired[EndpointAnswer]"},
)
Diagnostics = TypedDict(
    "Diagnostics",
    {
        "version": "str",
        "pyodide": "str",
        "onnxruntime_web": "str",
        "cross_origin_isolated": "bool",
        "threads": "int",
        "low_memory": "bool",
        "model_heap_bytes": "int",
        "python_heap_bytes": "int",
        "model": "str | None",
        "decoder": "Literal['split', 'merged'] | None",
        "decoder_steps": "int",
        "decoder_run_ms": "float",
        "notes": "list[str]",
    },
)

RuleList = TypedDict("RuleList", {"rules": "list[dict[str, Any]]"})
RuleCount = TypedDict("RuleCount", {"matched": "int", "changed": "int"})
RuledImage = TypedDict(
    "RuledImage",
    {
        "name": "str",
        "caption": "str",
        "alt_text": "str",
        "keywords": "list[str]",
        "text": "str",
        "confidence": "NotRequired[float]",
        "state": "Literal['automatic', 'reviewed', 'edited', 'decorative']",
        "folder": "str",
        "is_flagged": "bool",
        "fields": "dict[str, str]",
    },
)
RuleChange = TypedDict(
    "RuleChange", {"index": "int", "before": "RuledImage", "after": "RuledImage"}
)
RulesOutcome = TypedDict(
    "RulesOutcome", {"counts": "list[RuleCount]", "changes": "list[RuleChange]"}
)

# Kinds of messages, and what each of them carries

BOOT_REQUESTS = {"init": "Init", "ping": "Nothing"}
"""Taken by boot.mjs, before Python runs and besides it."""

COMPUTE_REQUESTS = {
    "caption": "Caption",
    "caption.batch": "CaptionBatch",
    "load": "OneModel",
    "endpoint.answer": "EndpointImage",
}
"""Run one after the other, in order of arrival."""

MODEL_REQUESTS = {
    "model.list": "Nothing",
    "model.status": "OneModel",
    "model.download": "OneModel",
    "model.pause": "OneModel",
    "model.remove": "OneModel",
    "model.import": "ModelImport",
    "model.export": "OneModel",
}
"""About the model store; run at once, beside captions."""

WORD_REQUESTS = {
    "metadata.read": "OneImage",
    "metadata.plan": "WordsForImage",
    "metadata.write": "WordsForImage",
    "metadata.sidecar": "WordsAlone",
    "export": "ExportOrder",
    "table.merge": "TableToMerge",
}
"""Words inside image files, and lists of them as files; run at once, beside captions."""
DOCUMENT_REQUESTS = {
    "documents.open": "DocumentFiles",
    "documents.picture": "OneDocumentImage",
    "documents.write": "DocumentWords",
    "documents.close": "OneDocuments",
}
"""About documents whose images lack words; run at once, beside captions."""

RULE_REQUESTS = {"rules.read": "RulesText", "rules.run": "RulesOnImages"}
"""Rules over images and their words; run at once, beside captions."""

ENDPOINT_REQUESTS = {"endpoint.read": "EndpointCall"}
"""What a request to the endpoint asks for; its caption is one of COMPUTE_REQUESTS."""

OTHER_REQUESTS = {"cancel": "Cancel", "diagnostics": "Nothing"}

REQUESTS: "dict[str, str]" = {}
for _requests in (
    COMPUTE_REQUESTS,
    MODEL_REQUESTS,
    WORD_REQUESTS,
    DOCUMENT_REQUESTS,
    RULE_REQUESTS,
    ENDPOINT_REQUESTS,
    OTHER_REQUESTS,
):
    REQUESTS.update(_requests)

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
"""Payloads of ``done``, by the kind of the request."""

EVENTS = {
    "progress": "Progress",
    "token": "Token",
    "result": "ImageEnd",
    "memory": "Memory",
    "working": "Working",
    "pong": "Nothing",
}
"""``working``: for the time that it names the worker's thread may be unable to answer."""

ENDS = {"done": "Any", "error": "Failure", "cancelled": "Failure"}
"""What ``done`` carries stands in ``ANSWERS``."""

_WORDS = {
    "str": "text",
    "dict[str, Any]": "an object",
    "list[Any]": "a list",
    "int": "an id",
    "bytes": "bytes",
    "list[bytes]": "a list of bytes",
}
"""What a request's fields may be, in words."""


class MessageError(ValueError):
    """A message that breaks the protocol; the text says how."""


def make_message(id: int, kind: str, payload: "Mapping[str, Any]") -> "dict[str, Any]":
    """Return the envelope of a message.

    Args:
        id: whole number; that of the request, or 0 for what is about the worker itself.
        kind: one of ``REQUESTS``, ``EVENTS`` or ``ENDS``.
        payload: dict of plain data, of the type that the kind has above.

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
    if not isinstance(kind, str) or kind not in REQUESTS:
        raise MessageError("there is no request %r" % (kind,))
    if not isinstance(payload, dict):
        raise MessageError("the payload of %s must be an object" % kind)
    expected = TYPES[REQUESTS[kind]]
    for name in payload:
        if name not in expected:
            raise MessageError("%s has no %r" % (kind, name))
    for name, wanted in expected.items():
        if name not in payload or not _fits(payload[name], wanted):
            raise MessageError("%r in %s must be %s" % (name, kind, _WORDS[wanted]))
    return id, kind, payload


def _is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _fits(value: object, wanted: str) -> bool:
    if wanted == "str":
        return isinstance(value, str) and value != ""
    if wanted == "dict[str, Any]":
        return isinstance(value, dict)
    if wanted == "list[Any]":
        return isinstance(value, list)
    if wanted == "bytes":
        return isinstance(value, (bytes, bytearray, memoryview))
    if wanted == "list[bytes]":
        return isinstance(value, list) and all(_fits(item, "bytes") for item in value)
    return _is_id(value)
