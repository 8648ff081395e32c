"""Florence-2 in Chromium's wasm: Seesay and Transformers.js in one page, in turns, on one model.

``build.py bench florence --in-browser [--threads N]``. Full size, random weights, forced lengths.
Transformers.js runs its default for wasm: the quantised files (q8) that Seesay runs, too.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from models.florence.text_files import base_tokenizer
from models.text_files import write_json
from pycore.models.layouts import FLORENCE2_PATHS
from tests.bench import florence_report
from tests.bench.lab import Lab, open_lab, photographs, random_model, reference
from tests.bench.results import circumstances, write
from tests.browser.conftest import FIXTURES
from tools.project import cache_dir, npm_packages

NAME, QUICK = "florence", "vit-gpt2"
TOKENS = 16
TASKS = ("caption", "detailed", "text")
PROMPTS = (
    "What does the image describe?",
    "Describe with a paragraph what is shown in the image.",
    "What is the text in the image?",
)

Sample = dict[str, Any]


def measure(files: Path, out: Path, threads: int, rounds: int) -> None:
    """Measure, and write ``florence-N-threads.*``; on two quiet cores in 6 minutes or less.

    Args:
        files: the random model at full size.
        out: folder of the results.
        threads: of the model runtimes.
        rounds: of every figure but one; odd rounds turn the order round.
    """
    load = os.getloadavg()[0]
    began = time.perf_counter()
    images = photographs()
    with open_lab({NAME: web_folder(files), QUICK: random_model()}, images) as lab:
        _download(lab)
        found = _with_threads(lab, list(images)[:2], threads, rounds)
    (rival,) = (one for one in npm_packages("test") if one.name == "@huggingface/transformers")
    result: dict[str, Any] = {
        **circumstances(load),
        "transformers_js": rival.version,
        "tokens": TOKENS,
        "rounds": rounds,
        "threads": threads,
        "took_s": time.perf_counter() - began,
        **found,
    }
    write(out, f"florence-{threads}-threads", result, florence_report.markdown(result))


def web_folder(files: Path) -> Path:
    """The model with a tokenizer of the official size, without its float32 graphs."""
    folder = cache_dir() / "models" / "random-florence-2-web"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "onnx").mkdir(parents=True)
    for path in FLORENCE2_PATHS:
        if path.endswith(".onnx"):
            (folder / path).hardlink_to(files / path)
        else:
            shutil.copy(files / path, folder / path)
    gpt2 = FIXTURES / "vit-gpt2-image-captioning" / "tokenizer.json"
    base_tokenizer(json.loads(gpt2.read_text("utf-8"))).save(str(folder / "tokenizer.json"))
    settings = {"clean_up_tokenization_spaces": False, "tokenizer_class": "BartTokenizer"}
    write_json(folder / "tokenizer_config.json", settings)
    return folder


def _download(lab: Lab) -> None:
    """Bring the model into both stores."""
    for who, model in (("seesay", NAME), ("quick", QUICK)):
        _start(lab, who, 1)
        lab.run(f"return lab.{who}.download(a)", reference(model))
        lab.run(f"lab.{who}.close()")
    _start(lab, "florenceRival", 1)
    lab.run("lab.florenceRival.close()")


def _start(lab: Lab, who: str, threads: int) -> None:
    settings = lab.rival_settings if who == "florenceRival" else lab.seesay_settings
    lab.run(f"await lab.{who}.start(a)", settings(QUICK if who == "quick" else NAME, threads))


def _ours(lab: Lab, image: str, tasks: Sequence[str], beams: int = 1) -> Sample:
    job = {"tokens": TOKENS, "tasks": tasks, "beams": beams}
    sample: Sample = lab.run(
        "return lab.seesay.answer(a.image, a.job)", {"image": image, "job": job}
    )
    return sample


def _quick(lab: Lab, image: str) -> Sample:
    """A greedy caption by ViT-GPT2: how fast this machine is."""
    argument = {"image": image, "job": {"tokens": TOKENS}}
    sample: Sample = lab.run("return lab.quick.caption(a.image, a.job)", argument)
    return sample


def _theirs(lab: Lab, image: str, prompts: Sequence[str]) -> Sample:
    job = {"tokens": TOKENS, "prompts": prompts}
    sample: Sample = lab.run(
        "return lab.florenceRival.answer(a.image, a.job)", {"image": image, "job": job}
    )
    return sample


def _with_threads(lab: Lab, names: Sequence[str], threads: int, rounds: int) -> dict[str, Any]:
    heap = _heaps(lab, names, threads)
    for who in ("quick", "seesay", "florenceRival"):
        _start(lab, who, threads)
    for name in names:  # Seesay keeps all its sessions from the second image on
        _quick(lab, name)
        _ours(lab, name, TASKS[:1])
    _theirs(lab, names[0], PROMPTS[:1])
    ways = {
        "quick": lambda image: _quick(lab, image),
        "seesay": lambda image: _ours(lab, image, TASKS[:1]),
        "rival": lambda image: _theirs(lab, image, PROMPTS[:1]),
        "seesay, 3 beams": lambda image: _ours(lab, image, TASKS[:1], 3),
        "seesay, 3 tasks": lambda image: _ours(lab, image, TASKS),
        # Three looks of a quarter of a minute: once is enough to see it.
        "rival, 3 tasks": lambda image: _theirs(lab, image, PROMPTS),
    }
    samples: dict[str, list[Sample]] = {way: [] for way in ways}
    turns = itertools.cycle(names)  # Seesay remembers its last look, so no image comes twice
    for number in range(rounds):
        asked = list(ways) if number == 0 else list(ways)[:-1]
        for way in asked if number % 2 == 0 else list(reversed(asked)):
            image = next(turns) if way.startswith("seesay") else names[0]
            samples[way].append(ways[way](image))
            print(f"{threads} thread(s), {way}: {samples[way][-1]['total_ms']:.0f} ms", flush=True)
    lab.run("lab.quick.close(); lab.seesay.close(); lab.florenceRival.close()")
    totals = {way: [each["total_ms"] for each in samples[way]] for way in ways}
    return {
        "heap_bytes": heap,
        "total_ms": {way: statistics.median(values) for way, values in totals.items()},
        "fastest_ms": {way: min(values) for way, values in totals.items()},
        "parts_ms": {
            "seesay": _our_parts(samples["seesay"], samples["seesay, 3 tasks"]),
            "rival": _their_parts(samples["rival"]),
        },
        "notes": samples["seesay"][-1]["notes"],
    }


def _heaps(lab: Lab, names: Sequence[str], threads: int) -> dict[str, int]:
    """The model runtime's heap after the first and the second caption of a fresh worker."""
    heaps: dict[str, int] = {}
    for who, name in (("seesay", "seesay"), ("florenceRival", "rival")):
        _start(lab, who, threads)
        for image, suffix in zip(names, ("", ", second image"), strict=True):
            _ours(lab, image, TASKS[:1], 3) if who == "seesay" else _theirs(lab, image, PROMPTS[:1])
            size = int(lab.run(f"return lab.{who}.heap()")["model"])
            heaps[name + suffix] = size
            print(f"{threads} thread(s), heap of {name}{suffix}: {size / 1e6:.0f} MB", flush=True)
        lab.run(f"lab.{who}.close()")
    return heaps


def _our_parts(captions: Sequence[Sample], tasks: Sequence[Sample]) -> dict[str, float]:
    """Parts of a caption.

    The first answer's encode_ms is the look and the question, those of the others the question
    alone: their difference within one call is the look, whatever else the machine does meanwhile.
    """
    questions = [
        statistics.mean(told["encode_ms"] for told in each["timings"][1:]) for each in tasks
    ]
    looks = [
        each["timings"][0]["encode_ms"] - question
        for each, question in zip(tasks, questions, strict=True)
    ]
    return {
        "vision": _median(looks),
        "question": _median(questions),
        "first token": _median(each["timings"][0]["token_ms"][0] for each in captions),
        "token": _median(
            statistics.median(each["timings"][0]["token_ms"][1:]) for each in captions
        ),
    }


def _their_parts(captions: Sequence[Sample]) -> dict[str, float]:
    runs = [each["runs"] for each in captions]
    return {
        "vision": _median(each["vision_encoder"][0] for each in runs),
        "question": _median(each["model"][0] for each in runs),
        "first token": _median(each["decoder_model_merged"][0] for each in runs),
        "token": _median(statistics.median(each["decoder_model_merged"][1:]) for each in runs),
    }


def _median(values: Any) -> float:
    return float(statistics.median(values))
