"""How many images a minute: ``python3 build.py bench batch [--model-dir DIR] [--rounds N]``.

Photographs captioned by one call after the other, and by captionAll with several batch sizes, in
turns. The medians go to bench/results/batch.json and to the screen.
"""

from __future__ import annotations

import argparse
import os
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.lab import Lab, open_lab, photographs, random_model, reference
from tests.bench.results import RESULTS, about, circumstances, table, write

TOKENS = 16
ONE_BY_ONE = "one by one"

Sample = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """How much is measured.

    Attributes:
        model: name of the model in the lab.
        images: names of the images.
        sizes: of the batches.
        rounds: of everything; odd rounds turn the order round.
    """

    model: str
    images: Sequence[str]
    sizes: Sequence[int]
    rounds: int


def measure(lab: Lab, plan: Plan, threads: int) -> Sample:
    """Caption the images in every way, in turns.

    Returns:
        For each way: seconds for all images (median, fastest), the share of it in which Python
        decodes and prepares images, and how many captions differ from those of single calls.
    """
    lab.run("await lab.seesay.start(a)", lab.seesay_settings(plan.model, threads))
    lab.run("return lab.seesay.download(a)", reference(plan.model))
    ways = [ONE_BY_ONE, *map(str, plan.sizes)]
    samples: dict[str, list[Sample]] = {way: [] for way in ways}
    _caption(lab, plan.images[:2], ONE_BY_ONE)  # from the second image on all is loaded
    for number in range(plan.rounds):
        for way in ways if number % 2 == 0 else reversed(ways):
            sample = _caption(lab, plan.images, way)
            samples[way].append(sample)
            print(f"{threads} thread(s), {way}: {sample['total_ms'] / 1e3:.2f} s", flush=True)
    heap = lab.run("return lab.seesay.heap()")
    lab.run("lab.seesay.close()")
    expected = samples[ONE_BY_ONE][0]["ids"]
    return {
        "heap": heap,
        "ways": {
            way: {
                "median_s": statistics.median(sample["total_ms"] for sample in found) / 1e3,
                "fastest_s": min(sample["total_ms"] for sample in found) / 1e3,
                "prepare_share": statistics.median(
                    sample["prepare_ms"] / sample["total_ms"] for sample in found
                ),
                "encode_share": statistics.median(
                    sample["encode_ms"] / sample["total_ms"] for sample in found
                ),
                "different": sum(
                    ids != other for ids, other in zip(found[0]["ids"], expected, strict=True)
                ),
            }
            for way, found in samples.items()
        },
    }


def _caption(lab: Lab, images: Sequence[str], way: str) -> Sample:
    size = None if way == ONE_BY_ONE else int(way)
    argument = {"images": list(images), "tokens": TOKENS, "batchSize": size}
    sample: Sample = lab.run("return lab.seesay.captionAll(a.images, a)", argument)
    return sample


def markdown(result: Sample) -> str:
    """Return the report."""
    text = "# Several images\n\n" + about(result)
    text += (
        f"\n{result['images']} photographs, {result['model']}, greedy, {TOKENS} tokens each, "
        f"{result['rounds']} rounds in turns. Preparing: the share of the time in which images "
        "are decoded and scaled; no reading ahead could save more. Different: captions that are "
        "not, to the token, those of single calls.\n"
    )
    for threads, found in result["threads"].items():
        single = found["ways"][ONE_BY_ONE]
        cells = [
            [
                way if way == ONE_BY_ONE else f"captionAll, {way} at a time",
                f"{result['images'] / figures['median_s']:.2f}",
                f"{result['images'] / figures['fastest_s']:.2f}",
                f"{single['median_s'] / figures['median_s']:.2f}",
                f"{single['fastest_s'] / figures['fastest_s']:.2f}",
                f"{figures['prepare_share']:.1%}",
                f"{figures['encode_share']:.0%}",
                str(figures["different"]),
            ]
            for way, figures in found["ways"].items()
        ]
        head = [
            f"{threads} thread(s)", "images/s, median", "fastest", "gain, median", "fastest",
            "preparing", "encoder", "different",
        ]  # fmt: skip
        heap = found["heap"]["model"] / 1e6
        text += f"\n{table(head, cells)}\nHeap of the model runtime at the end: {heap:.0f} MB.\n"
    return text


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model-dir", type=Path, metavar="DIR")
    parser.add_argument("--site", type=Path, metavar="DIR", help="a built site (default: build it)")
    parser.add_argument("--images", type=int, default=8)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    options = parser.parse_args()
    model = options.model_dir or random_model()
    load = os.getloadavg()[0]
    files = dict(list(photographs().items())[: options.images])
    with open_lab({model.name: model}, files, site_dir=options.site) as lab:
        plan = Plan(model.name, list(files), options.sizes, options.rounds)
        threads = {str(count): measure(lab, plan, count) for count in options.threads}
    result = {
        **circumstances(load),
        "model": model.name,
        "images": len(files),
        "rounds": options.rounds,
        "threads": threads,
    }
    write(RESULTS, "batch", result, markdown(result))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
