"""The worker protocol: its checks, and that JavaScript and what Python makes agree with it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from pycore.captioning.attention_map import AttentionMap, WordAttention
from pycore.captioning.result import (
    Candidate,
    CaptionResult,
    ImageInfo,
    ModelInfo,
    Timings,
    Token,
)
from pycore.captioning.word_agreement import Word
from pycore.download.transfer_meter import TransferProgress
from pycore.errors import InputError
from tools import protocol_types
from tools.project import ROOT
from worker import protocol

TYPES = protocol_types.payloads()
LOAD = {"v": 1, "id": 3, "kind": "load", "payload": {"model": "starter"}}


def message(**changes: object) -> dict[str, object]:
    return {**LOAD, **changes}


ACCEPTED = [
    LOAD,
    message(id=0),
    message(id=2**29),
    message(kind="cancel", payload={"id": 2}),
    message(kind="model.list", payload={}),
    message(kind="model.status", payload={"model": "vit-gpt2"}),
    message(kind="model.import", payload={"model": "vit-gpt2", "files": []}),
    message(kind="caption.batch", payload={"images": [], "model": "starter", "options": {}}),
    message(kind="diagnostics", payload={}),
]
REFUSED: list[tuple[object, str]] = [
    (None, "object"),
    ([], "object"),
    ({}, "version None"),
    (message(v=2), "version 2"),
    (message(v="1"), "version"),
    (message(id=-1), "-1 is not an id"),
    (message(id=1.5), "1.5 is not an id"),
    (message(id=True), "True is not an id"),
    (message(id=None), "None is not an id"),
    (message(kind="sing"), "no request 'sing'"),
    (message(kind="done"), "no request 'done'"),
    (message(kind=None), "no request None"),
    (message(kind=[]), "no request []"),
    (message(payload=None), "must be an object"),
    (message(payload={}), "'model' in load must be text"),
    (message(payload={"model": ""}), "must be text"),
    (message(payload={"model": 1}), "must be text"),
    (message(payload={"model": "starter", "fast": True}), "load has no 'fast'"),
    (message(kind="cancel", payload={"id": "2"}), "'id' in cancel must be an id"),
    (message(kind="model.import", payload={"model": "a", "files": {}}), "must be a list"),
    (message(kind="model.status", payload={"model": 0}), "must be text"),
    (message(kind="caption", payload={"image": "a", "model": "b", "options": {}}), "bytes"),
    (
        message(kind="caption.batch", payload={"images": ["a"], "model": "b", "options": {}}),
        "'images' in caption.batch must be a list of bytes",
    ),
    (message(kind="diagnostics", payload={"all": True}), "has no 'all'"),
]


@pytest.mark.parametrize("request_", ACCEPTED)
def test_good_requests_are_accepted(request_: dict[str, object]) -> None:
    accepted = protocol.check_request(request_)
    assert accepted == (request_["id"], request_["kind"], request_["payload"])


@pytest.mark.parametrize(("request_", "reason"), REFUSED)
def test_bad_requests_are_refused_with_the_reason(request_: object, reason: str) -> None:
    with pytest.raises(protocol.MessageError, match=re.escape(reason)):
        protocol.check_request(request_)


@pytest.mark.parametrize("image", [b"x", bytearray(b"x"), memoryview(b"x")])
def test_images_are_bytes(image: bytes) -> None:
    payload = {"image": image, "model": "starter", "options": {"num_beams": 4}}
    caption = message(kind="caption", payload=payload)
    assert protocol.check_request(caption) == (3, "caption", payload)


def test_a_batch_has_a_list_of_images() -> None:
    payload = {"images": [b"x", memoryview(b"y")], "model": "starter", "options": {}}
    batch = message(kind="caption.batch", payload=payload)
    assert protocol.check_request(batch) == (3, "caption.batch", payload)


def test_messages_have_a_known_kind_and_an_id() -> None:
    assert protocol.make_message(3, "done", {}) == {"v": 1, "id": 3, "kind": "done", "payload": {}}
    with pytest.raises(protocol.MessageError, match="kind"):
        protocol.make_message(3, "finished", {})
    with pytest.raises(protocol.MessageError, match="id"):
        protocol.make_message(-3, "done", {})


@pytest.mark.parametrize("path", ["web/api/worker_link.mjs", "worker/captioner/boot.mjs"])
def test_javascript_speaks_the_same_version(path: str) -> None:
    script = (ROOT / path).read_text(encoding="utf-8")
    assert re.findall(r"PROTOCOL_VERSION = (\d+);", script) == [str(protocol.VERSION)]


def test_javascript_has_the_types_of_now() -> None:
    written = protocol_types.TARGET.read_text(encoding="utf-8")
    assert written == protocol_types.declarations(), "run python -m tools.protocol_types"


def test_every_kind_has_types_that_exist() -> None:
    asked = {type_.__name__ for type_ in (protocol.BOOT_REQUESTS | protocol.REQUESTS).values()}
    said = (protocol.ANSWERS, protocol.EVENTS, protocol.ENDS)
    named = asked | {name for table in said for name in table.values()} - {"Any"}
    texts = " ".join(text for fields in TYPES.values() for text in fields.values())
    named |= {name for name in TYPES if re.search(rf"\b{name}\b", texts)}
    assert named == TYPES.keys() - {"Steps", "Heaps"}, "a type is missing, or unused"
    assert protocol.ANSWERS.keys() == {"init", *protocol.REQUESTS} - {"cancel"}
    for type_ in protocol.REQUESTS.values():
        assert set(type_.__annotations__.values()) <= protocol._WORDS.keys()


def misfits(value: Any, wanted: str, where: str = "") -> list[str]:
    """Return where a value of Python's side differs from a type of the protocol."""
    if wanted.startswith("NotRequired["):
        return misfits(value, wanted.removeprefix("NotRequired[")[:-1], where)
    if wanted.endswith(" | None"):
        return [] if value is None else misfits(value, wanted.removesuffix(" | None"), where)
    if wanted.startswith("list["):
        good = isinstance(value, (list, tuple))
        return [
            found
            for item in (value if good else ())
            for found in misfits(item, wanted.removeprefix("list[")[:-1], f"{where}[]")
        ] or ([] if good else [where])
    if wanted.startswith("Literal["):
        return [] if f"'{value}'" in wanted else [where]
    if wanted not in TYPES:
        kinds = {"str": (str,), "int": (int,), "float": (int, float), "bool": (bool,)}
        return [] if isinstance(value, kinds[wanted]) else [where]
    fields = TYPES[wanted]
    missing = {name for name, text in fields.items() if not text.startswith("NotRequired[")}
    found = [
        f"{where}.{name}" for name in (missing - value.keys()) | (value.keys() - fields.keys())
    ]
    for name in value.keys() & fields.keys():
        found += misfits(value[name], fields[name], f"{where}.{name}")
    return found


def test_what_python_makes_is_what_the_protocol_says() -> None:
    words = (Word("dog", 0.5, True),)
    maps = AttentionMap(1, 2, (WordAttention("dog", (0.25, 0.75)),))
    candidates = tuple(
        Candidate("dog", -0.5, (Token(3, "dog", -0.1),), words, seen) for seen in (None, maps)
    )
    result = CaptionResult(
        caption="dog",
        confidence=0.9,
        flagged=False,
        candidates=candidates,
        model=ModelInfo("m", "r"),
        timings=Timings(1.0, 2.0, 3.0, (4.0,)),
        image=ImageInfo(5, 6, "PNG", "00"),
    )
    assert misfits(result.to_dict(), "CaptionResult") == []
    assert misfits(InputError("No.").to_dict(), "Failure") == []
    assert misfits(TransferProgress("downloading", "network", 1, 2).to_dict(), "Progress") == []
    waiting = TransferProgress("waiting", "site", 1, 2, message="Busy.", retry_in_s=3.5)
    assert misfits(waiting.to_dict(), "Progress") == []
    wrong = misfits({"id": 1, "text": 2, "more": 3}, "TokenInfo")
    assert sorted(wrong) == [".logprob", ".more", ".text"]
