"""Seesay against Transformers.js: both in one page, taking turns, on the same model files.

The weights are random, so captions have a forced length; what is measured does not depend on
what the words are.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.bench.lab import Lab, reference

TOKENS = 16
BEAMS = 4
SEESAY, RIVAL = "seesay", "rival"

Sample = dict[str, Any]
Figures = dict[str, dict[str, float]]
"""By "median" and "fastest" of the rounds, then by name; in ms."""


@dataclass(frozen=True)
class Plan:
    """How much is measured.

    Attributes:
        model: name of the model in the lab.
        images: names of the images; rounds take one after the other.
        rounds: of every figure; odd rounds turn the order round.
        threads: of the model runtimes.
        scaling: measure the scaling table, too.
        long: 100 images one after the other, too.
    """

    model: str
    images: Sequence[str]
    rounds: int
    threads: Sequence[int]
    scaling: bool
    long: bool


def measure(lab: Lab, plan: Plan) -> Iterator[dict[str, Any]]:
    """Run the plan.

    Yields:
        After each number of threads, all that is known by then, as JSON-like data:
        ``{"threads": {"1": figures, ...}, ...}``; times are in ms.
    """
    download(lab, plan)
    threads: dict[str, Any] = {}
    for count in plan.threads:
        threads[str(count)] = _with_threads(lab, plan, count)
        yield {"tokens": TOKENS, "beams": BEAMS, "rounds": plan.rounds, "threads": threads}


def download(lab: Lab, plan: Plan) -> None:
    """Bring the model into both stores, Seesay's and Transformers.js'."""
    start(lab, SEESAY, plan, 1)
    lab.run("return lab.seesay.download(a)", reference(plan.model))
    lab.run("lab.seesay.close()")
    start(lab, RIVAL, plan, 1)
    lab.run("lab.rival.close()")


def start(lab: Lab, who: str, plan: Plan, threads: int) -> None:
    """Start a captioner."""
    lab.run(f"await lab.{who}.start(a)", _settings(lab, who, plan, threads))


def caption(lab: Lab, who: str, image: str, *, tokens: int = TOKENS, beams: int = 1) -> Sample:
    """Caption one image; Transformers.js has no beams."""
    sample: Sample = lab.run(
        f"return lab.{who}.caption(a.image, a.job)",
        {"image": image, "job": {"tokens": tokens, "beams": beams}},
    )
    return sample


def _with_threads(lab: Lab, plan: Plan, threads: int) -> dict[str, Any]:
    figures: dict[str, Any] = {"heap": _heaps(lab, plan, threads)}
    samples: dict[str, list[Sample]] = {"greedy": [], "beams": [], "rival": []}
    ways = {
        "greedy": lambda image: caption(lab, SEESAY, image),
        "rival": lambda image: caption(lab, RIVAL, image),
        "beams": lambda image: caption(lab, SEESAY, image, beams=BEAMS),
    }
    for who in (SEESAY, RIVAL):
        start(lab, who, plan, threads)
        for image in plan.images[:2]:  # Seesay settles on its way of keeping graphs at the second
            caption(lab, who, image)
    caption(lab, SEESAY, plan.images[0], beams=BEAMS)
    for number in range(plan.rounds):
        image = plan.images[number % len(plan.images)]
        for way in _turned(list(ways), number):
            samples[way].append(ways[way](image))
        times = ", ".join(f"{way} {found[-1]['total_ms']:.0f} ms" for way, found in samples.items())
        print(f"{threads} thread(s), round {number + 1} of {plan.rounds}: {times}", flush=True)
    figures["captions"] = {way: _summary(found) for way, found in samples.items()}
    pairs = zip(samples["greedy"], samples["rival"], strict=True)
    figures["same_ids"] = sum(ours["ids"] == theirs["ids"] for ours, theirs in pairs)
    figures["decoder"] = {key: samples["greedy"][-1][key] for key in ("decoder", "notes")}
    figures["samples_ms"] = {
        way: [round(sample["total_ms"], 1) for sample in found] for way, found in samples.items()
    }
    if plan.scaling:
        figures["scaling"] = _scaling(lab, plan)
    if plan.long:
        figures["long"] = _long(lab, plan)
    lab.run("lab.seesay.close(); lab.rival.close()")
    figures["ready"] = _ready_again(lab, plan, threads)
    return figures


def _heaps(lab: Lab, plan: Plan, threads: int) -> dict[str, Any]:
    """Memory after captions by a fresh worker."""
    heaps: dict[str, Any] = {}
    image = plan.images[0]
    for who, name, jobs in (
        (SEESAY, "seesay greedy", [1]),
        (SEESAY, "seesay beams", [BEAMS]),
        (SEESAY, "seesay second image", [1, 1]),
        (RIVAL, "rival", [1]),
    ):
        start(lab, who, plan, threads)
        for beams in jobs:
            caption(lab, who, image, beams=beams)
        heaps[name] = lab.run(f"return lab.{who}.heap()")
        lab.run(f"lab.{who}.close()")
    return heaps


def _summary(samples: Sequence[Sample]) -> Figures:
    """Summarise the rounds; a token is any but the first, which may wait for other things."""
    found = {
        "total_ms": [sample["total_ms"] for sample in samples],
        "token_ms": [statistics.median(sample["token_ms"][1:]) for sample in samples],
        "first_token_ms": [sample["token_ms"][0] for sample in samples],
        "prepare_ms": [sample["prepare_ms"] for sample in samples],
        "encode_ms": [sample["encode_ms"] for sample in samples],
    }
    if "run_ms" in samples[0]:
        found["run_ms"] = [sample["run_ms"] / sample["steps"] for sample in samples]
        found["python_ms"] = [
            (sum(sample["token_ms"]) - sample["run_ms"]) / sample["steps"] for sample in samples
        ]
    return _median_and_fastest(found)


def _median_and_fastest(samples: Mapping[str, Sequence[float]]) -> Figures:
    """Return both: on a busy machine the fastest round is the one that was disturbed least."""
    return {
        "median": {name: round(statistics.median(values), 2) for name, values in samples.items()},
        "fastest": {name: round(min(values), 2) for name, values in samples.items()},
    }


def _ready_again(lab: Lab, plan: Plan, threads: int) -> Figures:
    """Start a worker, load the stored model, write one token; both take turns."""
    times: dict[str, list[float]] = {SEESAY: [], RIVAL: []}
    for number in range(plan.rounds):
        for who in _turned([SEESAY, RIVAL], number):
            times[who].append(
                lab.run(
                    f"return lab.readyAgain(lab.{who}, a.settings, a.image)",
                    {"settings": _settings(lab, who, plan, threads), "image": plan.images[0]},
                )
            )
            lab.run(f"lab.{who}.close()")
    return _median_and_fastest(times)


def _scaling(lab: Lab, plan: Plan) -> dict[str, Any]:
    """Time against tokens, beams and images; three rounds suffice to show a curve."""
    rounds = min(plan.rounds, 3)
    image = plan.images[0]

    def timed(who: str, **job: int) -> float:
        times: list[float] = [caption(lab, who, image, **job)["total_ms"] for _ in range(rounds)]
        return round(statistics.median(times), 1)

    tokens = {
        str(count): {who: timed(who, tokens=count) for who in (SEESAY, RIVAL)}
        for count in (8, 16, 32)
    }
    beams = {str(count): {SEESAY: timed(SEESAY, beams=count)} for count in (1, 2, 4, 8)}
    images = {
        str(count): {
            who: sum(
                caption(lab, who, plan.images[number % len(plan.images)])["total_ms"]
                for number in range(count)
            )
            for who in (SEESAY, RIVAL)
        }
        for count in ((1, 10, 100) if plan.long else (1, 10))
    }
    return {"tokens": tokens, "beams": beams, "images": images}


def _long(lab: Lab, plan: Plan) -> dict[str, Any]:
    """Heaps over 100 images, in a fresh worker, with the reference recipe's beams."""
    start(lab, SEESAY, plan, 1)
    model, python = [], []
    for number in range(100):
        caption(lab, SEESAY, plan.images[number % len(plan.images)], beams=BEAMS)
        heap = lab.run("return lab.seesay.heap()")
        model.append(heap["model"])
        python.append(heap["python"])
    return {"model_heap_bytes": model, "python_heap_bytes": python}


def _settings(lab: Lab, who: str, plan: Plan, threads: int) -> Mapping[str, Any]:
    find = lab.seesay_settings if who == SEESAY else lab.rival_settings
    return find(plan.model, threads)


def _turned(names: list[str], number: int) -> list[str]:
    return names if number % 2 == 0 else names[::-1]
