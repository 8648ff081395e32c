"""Florence-2 in Chromium's wasm: Seesay and Transformers.js in one page, in turns, on one model.

``build.py bench florence --in-browser``. Full size, random weights, forced lengths.
Transformers.js runs its default for wasm: the quantised files (q8) that Seesay runs, too.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from models.florence.text_files import base_tokenizer
from models.text_files import write_json
from pycore.models.layouts import FLORENCE2_PATHS
from tests.bench.lab import Lab, open_lab, photographs, reference
from tests.bench.results import about, circumstances, table, write
from tests.browser.conftest import FIXTURES
from tools.project import cache_dir, npm_packages

NAME = "florence"
TOKENS = 16
TASKS = ("caption", "detailed", "text")
PROMPTS = (
    "What does the image describe?",
    "Describe with a paragraph what is shown in the image.",
    "What is the text in the image?",
)
_PAUSE = "medians in milliseconds; a token is any but the first"

Sample = dict[str, Any]


def measure(files: Path, out: Path, threads: Sequence[int], rounds: int) -> None:
    """Measure, and write ``florence_web.*``.

    Args:
        files: the random model at full size.
        out: folder of the results.
        threads: of the model runtimes.
        rounds: of every figure; odd rounds turn the order round.
    """
    result: dict[str, Any] = {
        **circumstances(os.getloadavg()[0]),
        "transformers_js": next(
            one.version for one in npm_packages("test") if one.name == "@huggingface/transformers"
        ),
        "tokens": TOKENS,
        "rounds": rounds,
        "threads": {},
    }
    images = photographs()
    with open_lab({NAME: _folder(files)}, images) as lab:
        names = list(images)[:2]  # in turns: what was seen last is remembered
        _download(lab)
        for count in threads:
            result["threads"][str(count)] = _with_threads(lab, names, count, rounds)
            result["load_after"] = os.getloadavg()[0]
            write(out, "florence_web", result, _markdown(result))


def _folder(files: Path) -> Path:
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
    _start(lab, "seesay", 1)
    lab.run("return lab.seesay.download(a)", reference(NAME))
    lab.run("lab.seesay.close()")
    _start(lab, "florenceRival", 1)
    lab.run("lab.florenceRival.close()")


def _start(lab: Lab, who: str, threads: int) -> None:
    settings = lab.seesay_settings if who == "seesay" else lab.rival_settings
    lab.run(f"await lab.{who}.start(a)", settings(NAME, threads))


def _ours(lab: Lab, image: str, tasks: Sequence[str], beams: int = 1) -> Sample:
    job = {"tokens": TOKENS, "tasks": tasks, "beams": beams}
    sample: Sample = lab.run(
        "return lab.seesay.answer(a.image, a.job)", {"image": image, "job": job}
    )
    return sample


def _theirs(lab: Lab, image: str, prompts: Sequence[str]) -> Sample:
    job = {"tokens": TOKENS, "prompts": prompts}
    sample: Sample = lab.run(
        "return lab.florenceRival.answer(a.image, a.job)", {"image": image, "job": job}
    )
    return sample


def _with_threads(lab: Lab, names: Sequence[str], threads: int, rounds: int) -> dict[str, Any]:
    heap = _heaps(lab, names, threads)
    for who in ("seesay", "florenceRival"):
        _start(lab, who, threads)
    for name in names:  # Seesay keeps all its sessions from the second image on
        _ours(lab, name, TASKS[:1])
    _theirs(lab, names[0], PROMPTS[:1])
    ways = {
        "seesay": lambda image: _ours(lab, image, TASKS[:1]),
        "rival": lambda image: _theirs(lab, image, PROMPTS[:1]),
        "seesay 3 beams": lambda image: _ours(lab, image, TASKS[:1], 3),
        "seesay 3 tasks": lambda image: _ours(lab, image, TASKS),
        "rival 3 tasks": lambda image: _theirs(lab, image, PROMPTS),
    }
    samples: dict[str, list[Sample]] = {way: [] for way in ways}
    looks = 0
    for number in range(rounds):
        for way in list(ways) if number % 2 == 0 else list(reversed(ways)):
            looks += way.startswith("seesay")  # no two of its looks one after the other are alike
            samples[way].append(ways[way](names[looks % len(names)]))
            print(f"{threads} thread(s), {way}: {samples[way][-1]['total_ms']:.0f} ms", flush=True)
    lab.run("lab.seesay.close(); lab.florenceRival.close()")
    return {
        "heap_bytes": heap,
        "total_ms": {way: _median(each["total_ms"] for each in samples[way]) for way in ways},
        "parts_ms": {
            "seesay": _our_parts(samples["seesay"], samples["seesay 3 tasks"]),
            "rival": _their_parts(samples["rival"]),
        },
        "notes": samples["seesay"][-1]["notes"],
    }


def _heaps(lab: Lab, names: Sequence[str], threads: int) -> dict[str, int]:
    """The model runtime's heap after captions by a fresh worker."""
    heaps: dict[str, int] = {}
    for who, name, count in (
        ("seesay", "seesay", 1),
        ("seesay", "seesay, second image", 2),
        ("florenceRival", "rival", 1),
    ):
        _start(lab, who, threads)
        for image in names[:count]:
            _ours(lab, image, TASKS[:1], 3) if who == "seesay" else _theirs(lab, image, PROMPTS[:1])
        heaps[name] = int(lab.run(f"return lab.{who}.heap()")["model"])
        lab.run(f"lab.{who}.close()")
        print(f"{threads} thread(s), heap of {name}: {heaps[name] / 1e6:.0f} MB", flush=True)
    return heaps


def _our_parts(captions: Sequence[Sample], tasks: Sequence[Sample]) -> dict[str, float]:
    question = _median(each["timings"][1]["encode_ms"] for each in tasks)
    return {
        "vision": _median(each["timings"][0]["encode_ms"] for each in captions) - question,
        "question": question,
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


def _markdown(result: Mapping[str, Any]) -> str:
    text = (
        f"# Florence-2 in Chromium's wasm, random weights, {TOKENS} tokens\n\n{about(result)}\n"
        f"Transformers.js {result['transformers_js']}, q8, wasm, on the same files; {_PAUSE}.\n"
    )
    for count, found in result["threads"].items():
        ours, theirs = found["parts_ms"]["seesay"], found["parts_ms"]["rival"]
        total = {way: f"{value:.0f}" for way, value in found["total_ms"].items()}
        heap = {who: f"{value / 1e6:.0f}" for who, value in found["heap_bytes"].items()}
        rows = [[name, f"{ours[name]:.0f}", f"{theirs[name]:.0f}"] for name in ours]
        rows += [
            ["image to caption", total["seesay"], total["rival"]],
            ["image to caption, 3 beams", total["seesay 3 beams"], "has no beams"],
            ["image to three tasks", total["seesay 3 tasks"], total["rival 3 tasks"]],
            ["heap after one image, MB", heap["seesay"], heap["rival"]],
            ["heap after a second, MB", heap["seesay, second image"], ""],
        ]
        text += f"\n{count} thread(s):\n\n" + table(["", "Seesay", "Transformers.js"], rows)
    return text
