"""Measures: ``build.py bench [WHAT] [options]``; WHAT is parity, or one of ``OTHERS``.

Without a subcommand, Seesay against Transformers.js. Reports go to bench/results/.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.bench import (
    bars,
    batch,
    compare,
    download,
    export,
    florence,
    library,
    parity,
    report,
    startup,
)
from tests.bench import list as image_list
from tests.bench.lab import open_lab, photographs, random_model
from tests.bench.results import RESULTS, circumstances, write
from tools.project import npm_packages

OTHERS: dict[str, Callable[[], Any]] = {
    "startup": startup.main,
    "download": download.main,
    "batch": batch.main,
    "list": image_list.main,
    "library": library.main,
    "export": export.main,
    "florence": florence.main,
}
"""Benchmarks that read their own options."""


def main(arguments: Sequence[str]) -> int:
    """Run one benchmark; 1 when what must be equal is not."""
    if arguments and arguments[0] in OTHERS:
        sys.argv = [f"bench {arguments[0]}", *arguments[1:]]
        return int(OTHERS[arguments[0]]() or 0)
    options = _parser().parse_args(arguments)
    model = options.model_dir or random_model()
    return _parity(options, model) if options.what == "parity" else _compare(options, model)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="build.py bench", description=__doc__)
    parser.add_argument(
        "what", nargs="?", choices=("compare", "parity", *OTHERS), default="compare"
    )
    parser.add_argument(
        "--model-dir",
        type=Path,
        metavar="DIR",
        help="a model in hub layout (default: ViT-GPT2 with random weights, made once)",
    )
    parser.add_argument("--out", type=Path, default=RESULTS, metavar="DIR")
    parser.add_argument("--site", type=Path, metavar="DIR", help="a built site (default: build it)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--quick", action="store_true", help="two rounds, one thread, no scaling")
    parser.add_argument("--no-scaling", action="store_true", help="leave out the scaling table")
    parser.add_argument("--long", action="store_true", help="100 images in a row, too")
    parser.add_argument("--images", type=int, default=20, help="of parity")
    parser.add_argument("--tokens", type=int, default=20, help="of parity")
    return parser


def _compare(options: argparse.Namespace, model: Path) -> int:
    images = photographs()
    plan = compare.Plan(
        model=model.name,
        images=list(images),
        rounds=2 if options.quick else options.rounds,
        threads=[1] if options.quick else options.threads,
        scaling=not (options.quick or options.no_scaling),
        long=options.long,
    )
    load = os.getloadavg()[0]
    with open_lab({model.name: model}, images, site_dir=options.site) as lab:
        for measured in compare.measure(lab, plan):
            result = {**_circumstances(load), **measured}
            write(options.out, "compare", result, report.compare_markdown(result))
            (options.out / "compare.svg").write_text(bars.bars(result), encoding="utf-8")
    return 0


def _parity(options: argparse.Namespace, model: Path) -> int:
    images = parity.test_images(parity.image_size(model), 2 if options.quick else options.images)
    load = os.getloadavg()[0]
    with open_lab({model.name: model}, images, site_dir=options.site) as lab:
        result = parity.measure(lab, model.name, model, list(images), options.tokens)
    result = {**_circumstances(load), **result}
    failures = parity.failures(result)
    write(options.out, "parity", result, report.parity_markdown(result, failures))
    return 1 if failures else 0


def _circumstances(load: float) -> dict[str, Any]:
    pins = {pin.name: pin.version for pin in npm_packages("test")}
    return {**circumstances(load), "rival_version": pins["@huggingface/transformers"]}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
