"""What florence_web.py measured, as Markdown: figures side by side, and what they are to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.bench.results import about, table

_TIMES_QUICK = {1: 8 / 0.9, 2: 4 / 0.55}
"""Aim for image to caption, sessions open, by threads: 8 and 4 s on a machine that writes a greedy
caption of ViT-GPT2 in 0.9 and 0.55 s, so times as long as that on any machine."""


def markdown(result: Mapping[str, Any]) -> str:
    """Return the report on one number of threads."""
    threads = result["threads"]
    return (
        f"# Florence-2 in Chromium's wasm, {threads} thread{'s' * (threads > 1)}\n\n"
        f"{about(result)}\n"
        f"Random weights, {result['tokens']} tokens, forced. Transformers.js "
        f"{result['transformers_js']}, q8, wasm, on the same files, in turns; medians of "
        f"{result['rounds']} rounds, the fastest one in brackets (three tasks of Transformers.js: "
        f"one round). A token is any but the first.\n\n{_figures(result)}\n{_aims(result)}"
    )


def _figures(result: Mapping[str, Any]) -> str:
    ours, theirs = result["parts_ms"]["seesay"], result["parts_ms"]["rival"]
    total = {
        way: f"{value:.0f} ms ({result['fastest_ms'][way]:.0f})"
        for way, value in result["total_ms"].items()
    }
    heap = {who: f"{value / 1e6:.0f} MB" for who, value in result["heap_bytes"].items()}
    rows = [[name, f"{ours[name]:.0f} ms", f"{theirs[name]:.0f} ms"] for name in ours]
    rows += [
        ["image to caption", total["seesay"], total["rival"]],
        ["image to caption, 3 beams", total["seesay, 3 beams"], "has no beams"],
        ["image to three tasks", total["seesay, 3 tasks"], total["rival, 3 tasks"]],
        ["image to caption by ViT-GPT2, greedy", total["quick"], ""],
        ["heap after one image", heap["seesay"], heap["rival"]],
        ["heap after a second", heap["seesay, second image"], heap["rival, second image"]],
    ]
    return table(["", "Seesay", "Transformers.js"], rows)


def _aims(result: Mapping[str, Any]) -> str:
    """What the figures are to be, and are: by the medians, and by the fastest rounds."""
    heap = result["heap_bytes"]
    rows: list[list[str]] = []

    def judge(what: str, unit: str, found: Sequence[float], kind: str, aim: float) -> None:
        """By the median; the fastest round beside it."""
        is_met = found[0] >= aim if kind == "at least" else found[0] <= aim
        median, *fastest = (f"{value:.3g}{unit}" for value in found)
        met = "yes" if is_met else "**no**"
        rows.append([what, median, f"{kind} {aim:.3g}{unit}", met, *(fastest or [""])])

    def ratios(way: str, other: str) -> list[float]:
        return [result[each][way] / result[each][other] for each in ("total_ms", "fastest_ms")]

    if result["threads"] in _TIMES_QUICK:
        aim = _TIMES_QUICK[result["threads"]]
        judge(
            "3 beams, times ViT-GPT2, greedy",
            "",
            ratios("seesay, 3 beams", "quick"),
            "at most",
            aim,
        )
    judge("times as fast, greedy", "", ratios("rival", "seesay"), "at least", 1.5)
    judge("three tasks, times one", "", ratios("seesay, 3 tasks", "seesay"), "at most", 1.5)
    for when in ("", ", second image"):
        share = heap[f"seesay{when}"] / heap[f"rival{when}"]
        judge(f"heap, share of theirs{when}", "", [share], "at most", 0.6)
    judge("heap, second image", " MB", [heap["seesay, second image"] / 1e6], "at most", 450)
    return table(["", "median", "aim", "met", "fastest"], rows)
