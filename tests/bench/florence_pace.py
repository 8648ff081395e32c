"""How long Florence-2 takes in Chromium beside Seesay's other models, and at half the image's side.

``build.py bench florence --pace [--threads N]``. The page reckons from one model's time to that of
another by these ratios (web/page/models/pace.py). Captions are asked for as there: greedily of the
starter, and with each model's own beams of the others; random weights, lengths forced. ViT-GPT2's
are asked for with keywords, too, which the detector and the namer find beside it.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
from pathlib import Path
from typing import Any

from models.text_files import write_json
from tests.bench.florence_web import NAME, web_folder
from tests.bench.lab import Lab, open_lab, photographs, random_model, reference
from tests.bench.results import about, circumstances, table, write
from tests.browser.page_steps import drawing

_SMALL, _SMALL_SIDE = f"{NAME}-384", 384
_QUICK = "vit-gpt2"
_KEYWORDS = f"{_QUICK}, with keywords"
_ROUNDS = 3
_TOKENS = 15
_DRAWING = "drawing.png"
_BEAMS = {"starter": 1, _QUICK: 4, NAME: 3, _SMALL: 3}
_MOST_FOR_KEYWORDS_MS = 400


def measure(files: Path, out: Path, threads: int) -> None:
    """Measure, and write ``florence-pace-N-threads.*``; on two quiet cores in 3 minutes or less.

    Args:
        files: the random Florence-2 at full size.
        out: folder of the results.
        threads: of the model runtime.
    """
    load = os.getloadavg()[0]
    folder = web_folder(files)
    folders = {NAME: folder, _SMALL: _small(folder), _QUICK: random_model()}
    images = {**photographs(), _DRAWING: drawing()}
    with open_lab(folders, images) as lab:
        times: dict[str, list[float]] = {}
        for model in _BEAMS:
            times |= _times(lab, model, list(images)[:2], threads)
    result = {**circumstances(load), "threads": threads, "ms": times}
    write(out, f"florence-pace-{threads}-threads", result, _markdown(result))


def _small(folder: Path) -> Path:
    """The same model for images of 384 pixels."""
    small = folder.with_name(f"{folder.name}-384")
    shutil.rmtree(small, ignore_errors=True)
    shutil.copytree(folder, small, copy_function=os.link)
    path = small / "preprocessor_config.json"
    config = json.loads(path.read_text("utf-8"))
    path.unlink()  # a link: what is written into it would be written into the original
    write_json(path, {**config, "size": {"height": _SMALL_SIDE, "width": _SMALL_SIDE}})
    return small


def _times(lab: Lab, model: str, photos: list[str], threads: int) -> dict[str, list[float]]:
    """Milliseconds of captions of images in turns, all sessions open; of each way to ask."""
    settings: dict[str, Any] = {"model": model, "hub": None, "numThreads": threads}
    if model != "starter":
        settings = lab.seesay_settings(model, threads)
    lab.run("await lab.seesay.start(a)", settings)
    if model != "starter":
        lab.run("return lab.seesay.download(a)", reference(model))
    names = [_DRAWING] if model == "starter" else photos
    tokens = None if model == "starter" else _TOKENS
    jobs: dict[str, dict[str, Any]] = {model: {"tokens": tokens, "beams": _BEAMS[model]}}
    if model == _QUICK:
        jobs[_KEYWORDS] = {**jobs[model], "keywords": True}
    found: dict[str, list[float]] = {way: [] for way in jobs}
    for number in range(_ROUNDS + 2):  # the first two open sessions
        for way, job in jobs.items():
            argument = {"image": names[number % len(names)], "job": job}
            sample = lab.run("return lab.seesay.caption(a.image, a.job)", argument)
            found[way].append(float(sample["total_ms"]))
            print(f"{threads} thread(s), {way}: {found[way][-1]:.0f} ms", flush=True)
    if model != "starter":
        lab.run("return lab.seesay.remove(a)", reference(model))
    lab.run("lab.seesay.close()")
    return {way: times[2:] for way, times in found.items()}


def _markdown(result: dict[str, Any]) -> str:
    medians = {way: statistics.median(times) for way, times in result["ms"].items()}
    rows = [
        [
            way,
            str(_BEAMS[way.partition(",")[0]]),
            f"{median:.0f} ms",
            f"{medians[NAME] / median:.1f}",
        ]
        for way, median in medians.items()
    ]
    more = medians[_KEYWORDS] - medians[_QUICK]
    return (
        f"# A caption by each model in Chromium, {result['threads']} thread(s)\n\n"
        f"{about(result)}\nSessions open, medians of {_ROUNDS}; {_TOKENS} tokens, forced, but for "
        "the starter, which captions a drawing.\n\n"
        + table(["model", "beams", "image to caption", "Florence-2 takes, times as long"], rows)
        + f"\nKeywords beside ViT-GPT2's caption: {more:.0f} ms more (at most "
        f"{_MOST_FOR_KEYWORDS_MS}: {'yes' if more <= _MOST_FOR_KEYWORDS_MS else '**no**'}).\n"
    )
