"""The Python API says of images what the site says, with the same model and the same options."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from pycore.captioning.result import CaptionResult
from seesay import Captioner
from tests.browser.conftest import FIXTURES, ContextFactory
from tools.server import SiteServer

IMAGES = [
    *sorted((FIXTURES / "scenes-128").glob("*.png"))[:4],
    FIXTURES / "photos" / "kodim23.png",
    FIXTURES / "photos" / "skimage_chelsea.png",
    FIXTURES / "photos" / "skimage_rocket.jpg",
]
IN_PAGE = """async ([files, options]) => {
  const { createCaptioner } = await import(new URL("seesay.mjs", document.baseURI).href);
  const captioner = createCaptioner();
  const results = [];
  for (const file of files) {
    const bytes = Uint8Array.from(atob(file), (char) => char.charCodeAt(0));
    for (const one of options) results.push(await captioner.caption(bytes, one));
  }
  captioner.close();
  return results;
}"""


def said(result: dict[str, Any]) -> dict[str, Any]:
    """Return what must be equal, to the last letter."""
    return {
        "caption": result["caption"],
        "candidates": [candidate["text"] for candidate in result["candidates"]],
        "kind": result["kind"],
        "keywords": [keyword["text"] for keyword in result["keywords"]],
        "flagged": result["flagged"],
        "model": result["model"],
        "image": {**result["image"], "seen": [*result["image"]["seen"]]},
    }


def test_captions_are_the_same(new_context: ContextFactory, isolated_server: SiteServer) -> None:
    page = new_context(allowed=(isolated_server.url,))[0].pages[0]
    page.goto(f"{isolated_server.url}licences.html")
    files = [base64.b64encode(path.read_bytes()).decode() for path in IMAGES]
    options = [{}, {"numBeams": 4, "numReturnSequences": 4}]
    there = page.evaluate(IN_PAGE, [files, options])
    here: list[CaptionResult] = []
    with Captioner() as captioner:
        for path in IMAGES:
            here.append(captioner.caption(path))
            here.append(captioner.caption(path, num_beams=4, num_return_sequences=4))
    assert [said(result.to_dict()) for result in here] == [said(result) for result in there]
    confidences = [result["confidence"] for result in there]
    assert [result.confidence for result in here] == pytest.approx(confidences, abs=0.01)
