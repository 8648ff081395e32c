"""Transformers.js, from npm, beside Seesay in one page, on the very same model files."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Playwright

from models.florence.random_model import TINY_SIZE, write_tiny
from models.text_files import write_json
from seesay.inference.florence_model import FlorenceModel
from seesay.models.models import ModelFolder
from seesay.run_now import run_now
from tests.bench import parity
from tests.bench.lab import PAGE_TIMEOUT_MS, Lab, furnish, open_lab_page, publish
from tests.browser.conftest import FIXTURES
from tests.browser.hub import LocalHub
from tools import chromium
from tools.project import ROOT
from tools.server import serve

STARTER = ROOT / "models" / "starter"
TINY = FIXTURES / "tiny-model"
FLORENCE = "florence"
SCENES = {file.name: file.read_bytes() for file in sorted((FIXTURES / "scenes-128").glob("*.png"))}
PHOTOS = parity.test_images(parity.image_size(TINY), 4)
TOKENS = 20


@pytest.fixture(scope="module")
def lab(
    playwright: Playwright, site_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("lab")
    models = {"starter": STARTER, "tiny": TINY, FLORENCE: folder / FLORENCE}
    write_tiny(models[FLORENCE])
    # The kind of tokenizer that Transformers.js takes Florence-2's for, by the official file.
    write_json(models[FLORENCE] / "tokenizer_config.json", {"tokenizer_class": "BartTokenizer"})
    site = shutil.copytree(site_dir, folder / "site")
    furnish(site, models, SCENES | PHOTOS)
    with LocalHub.start() as hub, serve(site) as server, ExitStack() as stack:
        publish(hub, models)
        context = playwright.chromium.launch_persistent_context(
            folder / "profile",
            executable_path=chromium.ensure(),
            args=chromium.FLAGS,
            timeout=PAGE_TIMEOUT_MS,
        )
        stack.callback(context.close)
        page = context.pages[0]
        page.set_default_timeout(PAGE_TIMEOUT_MS)
        open_lab_page(page, server)
        yield Lab(page, server, hub)


def test_the_same_captions_from_the_same_folder(lab: Lab) -> None:
    """The starter, ten scenes, greedy: whole captions and their tokens, each from the file on."""
    lab.run("await lab.seesay.start(a)", {"model": "starter", "hub": None, "numThreads": 1})
    # The folder that the site ships, not a copy.
    lab.run("await lab.rival.start(a)", {"folder": "../models/starter", "numThreads": 1})
    captions = {}
    for name in SCENES:
        ours = lab.run("return lab.seesay.caption(a, { tokens: null })", name)
        theirs = lab.run("return lab.rival.caption(a, { tokens: null })", name)
        assert (ours["caption"], ours["ids"]) == (theirs["caption"], theirs["ids"]), name
        captions[name] = ours["caption"]
    lab.run("lab.seesay.close(); lab.rival.close()")
    assert len(set(captions.values())) > len(SCENES) / 2, "they should not all read the same"


@pytest.mark.parametrize(("name", "model"), [("starter", STARTER), ("tiny", TINY)])
def test_the_same_logits_bit_for_bit(lab: Lab, name: str, model: Path) -> None:
    """Both decoder layouts, graph optimisation off; and the CPU's tokens, rounding aside."""
    images = list(SCENES)[:4] if name == "starter" else list(PHOTOS)
    result = parity.measure(lab, name, model, images, TOKENS)
    lab.run("lab.probe.close(); lab.rival.close(); lab.logits.clear()")
    assert result["decoders"]["split"]["layout"] == "split"
    assert parity.failures(result) == []


def test_the_same_features_of_florence_where_nothing_is_mended(lab: Lab) -> None:
    """Of the same pixels, from the same file: its faults are the file's, and mended here."""
    lab.run("await lab.florenceRival.start(a)", lab.rival_settings(FLORENCE, 1))
    seen = lab.run("return lab.florenceRival.look(a)", next(iter(PHOTOS)))
    lab.run("lab.florenceRival.close()")
    pixels = np.array(seen["pixels"], np.float32).reshape(1, 3, TINY_SIZE, TINY_SIZE)
    theirs = np.array(seen["features"], np.float32)
    files = ModelFolder(Path(lab.server.folder) / "bench" / "models" / FLORENCE)

    def correlation(mends: dict[str, bool]) -> float:
        config = files.read_json("config.json")
        model = FlorenceModel(files, config, (TINY_SIZE, TINY_SIZE), 1, mends=mends)
        own = run_now(model.encode(pixels)).features[0]
        return float(np.corrcoef(own.ravel(), theirs)[0, 1])

    assert correlation(dict.fromkeys(("scales", "depthwise", "chunks", "gelus"), False)) > 0.9999
    assert correlation({}) < 0.99


def test_the_comparison_sees_a_difference(lab: Lab) -> None:
    """One bit in one logit is enough."""
    counted = lab.run(
        """const row = Float32Array.of(1, 2, 3), other = Float32Array.of(1, 2, 3);
        new Uint32Array(other.buffer)[1] ^= 1;
        lab.logits.clear();
        lab.logits.add("one", { ids: [0, 1], logits: [row, row] });
        lab.logits.add("other", { ids: [0, 2], logits: [row, other] });
        return lab.logits.compare("one", "other");"""
    )
    assert counted["different_values"] == 1
    assert counted["same_ids"] == 0
    assert counted["largest"] > 0
