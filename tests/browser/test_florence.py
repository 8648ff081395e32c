"""A small random Florence-2 in the browser, downloaded from a hub, against CPU onnxruntime."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models.florence.random_model import write_tiny
from pycore.captioning.tasks import TaskName
from pycore.models.layouts import FLORENCE2_PATHS
from seesay import Captioner
from tests.browser.model_driver import COMMIT, Driver
from tests.browser.model_world import World
from tests.parity.florence_cases import MAX_NEW_TOKENS, images

pytest_plugins = ["tests.browser.model_fixtures"]

MODEL = f"test/florence@{COMMIT}"
TASKS: list[TaskName] = ["caption", "detailed", "text"]
ASK = """(async ([model, files, asked]) => {
  const results = [];
  for (const [file, options] of asked) {
    const bytes = Uint8Array.from(atob(files[file]), (char) => char.charCodeAt(0));
    const result = await captioner.caption(bytes, { model, ...options });
    results.push(result);
  }
  return results;
})"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("florence")
    write_tiny(path)
    return path


@pytest.fixture(scope="module")
def here(folder: Path) -> Iterator[Captioner]:
    with Captioner(model=str(folder), num_threads=1) as captioner:
        yield captioner


@pytest.fixture
def there(world: World, tab: Driver, folder: Path) -> Iterator[Driver]:
    """A tab that has downloaded the model from the hub."""
    files = {path: (folder / path).read_bytes() for path in FLORENCE2_PATHS}
    world.hub.add("test/florence", COMMIT, files)
    status = tab.value(f"captioner.models.download({MODEL!r})")
    assert (status["state"], status["size_bytes"]) == ("ready", sum(map(len, files.values())))
    assert {served.path for served in world.hub.served} == {*FLORENCE2_PATHS}
    yield tab
    tab.value(f"captioner.models.remove({MODEL!r})")


def png(index: int) -> bytes:
    file = io.BytesIO()
    images()[index].save(file, "PNG")
    return file.getvalue()


FILES = [png(index) for index in range(3)]


def ids(candidates: Any) -> list[list[int]]:
    return [[token["id"] for token in each["tokens"]] for each in candidates]


def ask(tab: Driver, asked: list[tuple[int, dict[str, Any]]]) -> list[dict[str, Any]]:
    files = [base64.b64encode(file).decode() for file in FILES]
    results: list[dict[str, Any]] = tab.page.evaluate(ASK, [MODEL, files, asked])
    return results


def test_it_writes_what_cpu_onnxruntime_writes(there: Driver, here: Captioner) -> None:
    """One look, three answers; with beams and without; the same image again."""
    length = {"maxNewTokens": MAX_NEW_TOKENS}
    asked: list[tuple[int, dict[str, Any]]] = [
        (0, {"tasks": TASKS, "numBeams": 3, "numReturnSequences": 3, **length}),
        (1, {"tasks": ["text"], "numBeams": 1, **length}),
        (1, {"numBeams": 2, "prefix": "a cat", **length}),
    ]
    found = ask(there, asked)
    options: Any = {"num_beams": 3, "num_return_sequences": 3, "max_new_tokens": MAX_NEW_TOKENS}
    all_three = here.caption(FILES[0], tasks=TASKS, **options).to_dict()
    assert list(found[0]["answers"]) == TASKS
    for task in TASKS:
        expected, answer = all_three["answers"][task], found[0]["answers"][task]
        assert ids(answer["candidates"]) == ids(expected["candidates"]), task
        assert answer["confidence"] == pytest.approx(expected["confidence"], abs=0.02)
    assert len({answer["text"] for answer in found[0]["answers"].values()}) == len(TASKS)
    assert found[0]["caption"] == found[0]["answers"]["caption"]["text"]
    text = here.caption(FILES[1], tasks=["text"], num_beams=1, max_new_tokens=MAX_NEW_TOKENS)
    assert ids(found[1]["candidates"]) == ids(text.to_dict()["candidates"])
    assert "caption" not in found[1]["answers"]
    again = here.caption(FILES[1], num_beams=2, prefix="a cat", max_new_tokens=MAX_NEW_TOKENS)
    assert ids(found[2]["candidates"]) == ids(again.to_dict()["candidates"])
    assert found[2]["caption"].startswith("a cat")
