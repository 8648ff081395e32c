"""A small random Florence-2 in the browser, downloaded from a hub, against CPU onnxruntime.

By the JavaScript API; and on the page, whose catalogue is made to have it as the model "Thorough".
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import re
import tarfile
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from models.florence.random_model import write_tiny
from pycore.captioning.tasks import TaskName
from pycore.models.catalogue import ModelFile
from pycore.models.layouts import DECODER_PATH, FLORENCE2_PATHS
from seesay import Captioner
from tests.browser.conftest import PageFactory
from tests.browser.hub_moods import Stall
from tests.browser.model_driver import COMMIT, PIECE_BYTES, Driver, allow, padding_of, start_hub
from tests.browser.model_world import World
from tests.browser.page_steps import (
    WAIT_MS,
    button,
    change_file,
    choose,
    choose_model,
    file,
    generate,
)
from tests.parity.florence_cases import MAX_NEW_TOKENS, images
from tools.project import ROOT
from tools.server import SiteServer

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
    out = io.BytesIO()
    images()[index].save(out, "PNG")
    return out.getvalue()


FILES = [png(index) for index in range(3)]


def ids(candidates: Any) -> list[list[int]]:
    return [[token["id"] for token in each["tokens"]] for each in candidates]


def ask(tab: Driver, asked: list[tuple[int, dict[str, Any]]]) -> list[dict[str, Any]]:
    files = [base64.b64encode(one).decode() for one in FILES]
    results: list[dict[str, Any]] = tab.page.evaluate(ASK, [MODEL, files, asked])
    return results


def test_it_writes_what_cpu_onnxruntime_writes(there: Driver, here: Captioner) -> None:
    """One look, three answers; with beams and without; the same image again."""
    length = {"maxNewTokens": MAX_NEW_TOKENS}
    asked: list[tuple[int, dict[str, Any]]] = [
        (0, {"tasks": TASKS, "numBeams": 3, "numReturnSequences": 3, **length}),
        (1, {"tasks": ["text", "objects"], "numBeams": 1, **length}),
        (1, {"numBeams": 2, "prefix": "a cat", "attentions": True, **length}),
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
    asked_of_both: list[TaskName] = ["text", "objects"]
    text = here.caption(
        FILES[1], tasks=asked_of_both, num_beams=1, max_new_tokens=MAX_NEW_TOKENS
    ).to_dict()
    assert ids(found[1]["candidates"]) == ids(text["candidates"])
    assert list(found[1]["answers"]) == asked_of_both
    for task in asked_of_both:
        answer, expected = found[1]["answers"][task], text["answers"][task]
        assert ids(answer["candidates"]) == ids(expected["candidates"])
    assert found[1]["objects"] == list(text["objects"])
    more: Any = {"prefix": "a cat", "attentions": True}
    again = here.caption(FILES[1], num_beams=2, max_new_tokens=MAX_NEW_TOKENS, **more).to_dict()
    assert ids(found[2]["candidates"]) == ids(again["candidates"])
    where, expected = (each["candidates"][0]["attention"] for each in (found[2], again))
    assert (where["height"], where["width"]) == (2, 2)
    for word, told in zip(where["words"], expected["words"], strict=True):
        assert word["weights"] == pytest.approx(told["weights"], abs=0.02)
    assert found[2]["caption"].startswith("a cat")


def list_as_thorough(site: Path, repository: str, files: Mapping[str, bytes]) -> None:
    """Give the built site a catalogue that has these files in the place of the official ones."""
    known = [ModelFile(path, len(data), sha256(data).hexdigest()) for path, data in files.items()]
    source = (ROOT / "pycore" / "models" / "catalogue.py").read_text("utf-8") + (
        "\nimport dataclasses\n"
        f"ours = dict(repository={repository!r}, revision={COMMIT!r}, files={tuple(known)!r})\n"
        "FLORENCE_2 = dataclasses.replace(FLORENCE_2, **ours)\n"
        "HUB_ENTRIES = {entry.id: entry for entry in (VIT_GPT2, FLORENCE_2)}\n"
    )
    url = "runtime/python.pack"
    archive = io.BytesIO(gzip.decompress((site / url).read_bytes()))
    with tarfile.open(fileobj=archive, mode="a", format=tarfile.USTAR_FORMAT) as pack:
        # Python takes a source before the byte code that lies beside it.
        member = tarfile.TarInfo("site-packages/pycore/models/catalogue.py")
        member.size = len(source.encode())
        pack.addfile(member, io.BytesIO(source.encode()))
    change_file(site, url, gzip.compress(archive.getvalue(), 1))


def test_thorough_on_the_page_is_fetched_and_answers_three_times(
    open_page: PageFactory, private_server: SiteServer, folder: Path, here: Captioner
) -> None:
    """Paused and resumed on its way; the caption, then words and a description on demand."""
    files = {path: (folder / path).read_bytes() for path in FLORENCE2_PATHS}
    files[DECODER_PATH] += padding_of(9_000_000)  # several pieces, so that there is a middle
    site = private_server.folder
    with start_hub() as hub:
        hub.add("test/florence", COMMIT, files)
        list_as_thorough(site, "test/florence", files)
        change_file(site, "site.json", json.dumps({"hub": hub.url}).encode())
        allow(private_server, hub)
        page = open_page(server=private_server, allowed=(hub.url, hub.files_url)).page
        choose_model(page, "florence-2")
        expect(page.locator("#model")).to_have_text(re.compile("Thorough.* MB to fetch"))
        assert hub.resolved == []
        hub.moods[DECODER_PATH] = [Stall(5_000_000)] * 9
        page.get_by_role("button", name=re.compile(r"Download \d")).click()
        expect(page.locator("#transfer-text")).to_have_text(
            re.compile("Downloading: 5.* MB of"), timeout=WAIT_MS
        )
        button(page, "Pause").click()
        resume = page.get_by_role("button", name=re.compile(r"Resume, .* left"))
        expect(resume).to_be_visible(timeout=WAIT_MS)
        hub.moods.clear()
        resume.click()
        expect(page.locator("#model-about")).to_contain_text("Ready: ", timeout=WAIT_MS)
        assert hub.starts(DECODER_PATH)[-1] >= PIECE_BYTES
        choose(page, file("photo.png", FILES[1]))
        said = generate(page)
        expected = here.caption(FILES[1], num_beams=3)
        assert said == expected.caption
        expect(page.locator("#took")).to_contain_text("Thorough")
        button(page, "Read them").click()
        words = page.locator("#words")
        expect(words).not_to_be_empty(timeout=WAIT_MS)
        page.locator("#workbench > summary").click()
        page.locator("#alt-more > summary").click()
        expect(page.get_by_label("Text in the picture")).to_have_value(words.text_content() or "")
        button(page, "Write one").click()
        description = page.get_by_label("Extended description, where the alt text is not enough")
        expect(description).not_to_have_value("", timeout=WAIT_MS)
        expect(page.get_by_text("Written by Thorough.")).to_be_visible()
        assert len({said, words.text_content(), description.input_value()}) == len(TASKS)
