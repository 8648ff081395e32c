"""The worker's requests about documents: opened, asked for pictures, written, closed."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from pycore.errors import DocumentError
from tests.unit.documents.document_samples import BLOG, unzipped, zipped
from tools import protocol_types
from worker import protocol
from worker.captioner.document_requests import DocumentRequests
from worker.captioner.jobs import Job, Payload

JOB = Job(1, lambda *_: None)


def ask(requests: DocumentRequests, kind: str, **payload: Any) -> Payload:
    """Send a request through the protocol's check; the answer has the fields that it promises."""
    message = protocol.make_message(1, kind, payload)
    _, kind, checked = protocol.check_request(message)

    async def work() -> Payload:
        return await requests.works[kind](JOB, checked)

    answer = asyncio.run(work())
    assert set(answer) == set(protocol_types.payloads()[protocol.ANSWERS[kind]])
    return answer


def test_a_zip() -> None:
    requests = DocumentRequests()
    opened = ask(requests, "documents.open", names=["site/blog.zip"], files=[zipped(BLOG)])
    number = opened["documents"]
    assert len(opened["images"]) == 4
    for image in opened["images"]:
        fields = protocol_types.payloads()["DocumentImage"]
        optional = {name for name, text in fields.items() if text.startswith("NotRequired")}
        assert set(fields) - optional <= set(image) <= set(fields)
        assert None not in image.values()
    picture = ask(requests, "documents.picture", documents=number, index=0)
    assert picture == {"name": "blog/img/boat.png", "data": b"boat"}
    written = ask(requests, "documents.write", documents=number, words=[[0, "A boat."]])
    assert written["name"] == "blog.zip"
    changed = {name for name, data in unzipped(written["data"]).items() if BLOG[name] != data}
    assert changed == {"blog/_posts/2024-05-01-sea.md"}
    ask(requests, "documents.close", documents=number)
    for kind, more in (("picture", {"index": 0}), ("write", {"words": []})):
        with pytest.raises(DocumentError, match="Open them again") as caught:
            ask(requests, f"documents.{kind}", documents=number, **cast("Any", more))
        assert caught.value.detail == "not open"


def test_loose_files_and_pictures_beside_them() -> None:
    requests = DocumentRequests()
    files = {"a/one.md": b"![](x.png)", "a/two.html": b"<img src=y.png>"}
    names = [*files, "a/x.png"]
    opened = ask(requests, "documents.open", names=names, files=list(files.values()))
    assert [image.get("picture") for image in opened["images"]] == ["a/x.png", None]
    number = opened["documents"]
    for index in (0, 1):  # the page has the one itself, and nobody has the other
        with pytest.raises(DocumentError, match=r"not here|not at hand"):
            ask(requests, "documents.picture", documents=number, index=index)
    one = ask(requests, "documents.write", documents=number, words=[[1, "Y"]])
    assert one == {"name": "two.html", "data": b'<img alt="Y" src=y.png>'}
    both = ask(requests, "documents.write", documents=number, words=[[0, "X"], [1, "Y"]])
    assert both["name"] == "documents.zip"
    assert unzipped(both["data"]) == {"a/one.md": b"![X](x.png)", "a/two.html": one["data"]}


def test_one_zip_at_a_time() -> None:
    with pytest.raises(DocumentError, match="one zip at a time"):
        ask(DocumentRequests(), "documents.open", names=["a.zip", "b.md"], files=[b"", b""])


def test_a_worker_that_takes_anothers_place_knows_none_of_its_documents(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    numbers = []
    for now_s in (1_700_000_000, 1_700_000_005):
        monkeypatch.setattr("time.time_ns", lambda now_s=now_s: now_s * 10**9)
        requests = DocumentRequests()
        opened = ask(requests, "documents.open", names=["a.md"], files=[b"![](x.png)"])
        numbers.append(opened["documents"])
    with pytest.raises(DocumentError) as caught:  # else the words of one would go into another
        ask(requests, "documents.write", documents=numbers[0], words=[[0, "X"]])
    assert caught.value.detail == "not open"
