"""The worker's requests about the endpoint, held to docs/openapi.json."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pycore.errors import InferenceError, UnsupportedImageError
from pycore.images.file import read_image
from tests.contract.cli.command import BEE
from tests.contract.endpoint.openapi import BODIES, OPERATIONS, address, check_response
from tools import protocol_types
from worker import answers, protocol, requests
from worker.captioner.endpoint_requests import EndpointRequests
from worker.captioner.jobs import Job
from worker.models.stored_model import ModelNotHereError

HANDLE = hashlib.sha256(BEE.read_bytes()).hexdigest()
JOB = Job(1, lambda *_: None)
FULL: Any = {
    "caption": "a bee",
    "confidence": 0.9,
    "flagged": False,
    "candidates": [{"text": "a bee", "score": -0.1, "tokens": [], "words": []}],
    "keywords": [{"text": "bee", "confidence": 0.9}],
    "notes": [],
    "kind": "drawing",
    "model": {"id": "starter", "revision": "1"},
    "timings": {"decode_ms": 1.0, "preprocess_ms": 1.0, "encode_ms": 1.0, "token_ms": [1.0]},
    "image": {"width": 1, "height": 1, "format": "PNG", "sha256": HANDLE, "seen": [0, 0, 1, 1]},
}


class Model:
    """Says always the same, of whatever is an image."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, int]] = []
        self.requests = EndpointRequests(self.load, self.caption, self.decode)

    async def load(self, job: Job, payload: requests.OneModel) -> answers.ModelName:
        return {"id": payload["model"], "revision": "1"}

    async def caption(self, job: Job, payload: requests.Caption) -> answers.CaptionResult:
        pixels = read_image(payload["image"]).pixels
        self.seen.append(pixels.size)
        result: answers.CaptionResult = FULL
        return result

    async def decode(self, *_given: object) -> None:
        return None

    def ask(self, kind: str, **payload: Any) -> Any:
        """Send a request through the protocol's check."""
        message = protocol.make_message(1, kind, payload)
        _, _, checked = protocol.check_request(message)

        async def work() -> Any:
            return await self.requests.works[kind](JOB, checked)

        answer = asyncio.run(work())
        fields = protocol_types.payloads()[protocol.ANSWERS[kind]]
        optional = {name for name, text in fields.items() if text.startswith("NotRequired")}
        assert set(fields) - optional <= set(answer) <= set(fields)
        return answer

    def answer(self, target: str, method: str = "GET", **more: Any) -> tuple[int, Any]:
        given = {"image": BEE.read_bytes(), "contentType": "image/png", "model": "starter", **more}
        found = self.ask("endpoint.answer", method=method, target=target, **given)
        return found["status"], json.loads(found["body"])


def test_where_images_are() -> None:
    read = Model().ask

    def source(path: str) -> Any:
        return read("endpoint.read", method="GET", target=f"api/{path}")["source"]

    assert source(f"caption/{HANDLE}")["takes_kept"] is True
    for other in (f"flip/caption/{HANDLE}", f"cache=false/caption/{HANDLE}"):
        assert source(other)["takes_kept"] is False
    assert source(f"caption/{HANDLE}?full=1")["takes_kept"] is False
    alias = source("flip/caption/src://photos/a/b.png")
    assert (alias["kind"], alias["alias"], alias["value"]) == ("alias", "photos", "a/b.png")
    url = source("caption/https://Images.example:8443/a.png")
    assert (url["kind"], url["host"]) == ("url", "images.example")
    body = read("endpoint.read", method="POST", target="api/resize=w:9/caption")["source"]
    assert body["kind"] == "body"


@pytest.mark.parametrize(
    ("method", "target", "status", "code"),
    [
        ("GET", "api/caption/file:///etc/passwd", 400, "configuration"),
        ("GET", "api/blur/caption/" + HANDLE, 400, "configuration"),
        ("GET", f"api/caption/{HANDLE}?full=often", 400, "configuration"),
        ("GET", "elsewhere", 404, "not_found"),
        ("GET", "api/caption/http://192.168.0.1/a.png", 403, "forbidden"),
        ("GET", "api/caption/https://router.local/a.png", 403, "forbidden"),
    ],
)
def test_refusals(method: str, target: str, status: int, code: str) -> None:
    answer = Model().ask("endpoint.read", method=method, target=target)["answer"]
    assert answer["status"] == status
    assert json.loads(answer["body"])["error"]["code"] == code


@pytest.mark.parametrize(
    ("method", "target", "allowed"),
    [
        ("GET", "api/caption", "POST"),
        ("POST", f"api/caption/{HANDLE}", "GET"),
        ("DELETE", f"api/caption/{HANDLE}", "GET"),
    ],
)
def test_methods(method: str, target: str, allowed: str) -> None:
    answer = Model().ask("endpoint.read", method=method, target=target)["answer"]
    assert (answer["status"], answer["headers"]) == (405, {"Allow": allowed})


def test_tasks_are_done_first_and_answers_are_kept() -> None:
    model = Model()
    target = f"api/crop=dim:[0,0,20,10]/caption/{HANDLE}"
    assert model.answer(target) == (200, {"caption": "a bee"})
    assert model.seen == [(20, 10)]
    full = model.answer(f"{target}?full=1")[1]
    assert set(full) >= {"candidates", "keywords", "confidence", "timings", "model"}
    assert len(model.seen) == 1
    model.answer(target.replace("crop", "cache=false/crop"))
    model.answer(target, model="vit-gpt2")
    model.answer(f"api/caption/{HANDLE}")
    assert len(model.seen) == 4


def test_a_model_that_is_not_here_leaves_it_to_the_starter(monkeypatch) -> None:
    model = Model()

    async def load(job: Job, payload: requests.OneModel) -> answers.ModelName:
        if payload["model"] == "vit-gpt2":
            raise ModelNotHereError("The model vit-gpt2 is not on this device.")
        return await Model.load(model, job, payload)

    captioned: list[str] = []

    async def caption(job: Job, payload: requests.Caption) -> answers.CaptionResult:
        captioned.append(payload["model"])
        return await Model.caption(model, job, payload)

    monkeypatch.setattr(model, "requests", EndpointRequests(load, caption, model.decode))
    assert model.answer(f"api/caption/{HANDLE}", model="vit-gpt2") == (200, {"caption": "a bee"})
    model.answer(f"api/caption/{HANDLE}", model="starter")  # which is known by now
    assert captioned == ["starter"]


def test_a_form() -> None:
    form = b'--f\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    body = form + BEE.read_bytes() + b"\r\n--f--\r\n"
    kind = "multipart/form-data; boundary=f"
    answer = Model().answer("api/caption", "POST", image=body, contentType=kind)
    assert answer == (200, {"caption": "a bee"})
    assert Model().answer("api/caption", "POST", image=body[:-9], contentType=kind)[0] == 400


def test_what_is_no_image_and_a_model_that_fails(monkeypatch) -> None:
    model = Model()
    status, answer = model.answer("api/caption", "POST", image=b"words")
    assert (status, answer["error"]["code"]) == (415, UnsupportedImageError.code)

    async def fail(*_given: object) -> Any:
        raise InferenceError("Out of memory.")

    failing = EndpointRequests(model.load, fail, model.decode)
    monkeypatch.setattr(model, "requests", failing)
    with pytest.raises(InferenceError):  # so that the page replaces the worker
        model.answer("api/caption", "POST")


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
@settings(max_examples=30, derandomize=True, deadline=None)
@given(data=st.data())
def test_every_answer_is_as_the_openapi_file_says(path, method, operation, data) -> None:
    model = Model()
    target = data.draw(address(path, operation, [HANDLE, "src://photos/bee.png", "flip"]))[1:]
    step = model.ask("endpoint.read", method=method.upper(), target=target)
    answer = step.get("answer")
    if "source" in step:
        image = data.draw(BODIES)
        status, values = model.answer(target, method.upper(), image=image)
    else:
        status, values = answer["status"], json.loads(answer["body"])
    check_response(operation, status, {"Content-Type": "application/json"}, values)
    assert status != 500
