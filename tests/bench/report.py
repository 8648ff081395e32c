"""Benchmark figures as rows with aims, and as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tests.bench.results import about, table

MEGABYTE = 1e6


@dataclass(frozen=True)
class Row:
    """One aim and what came of it.

    Attributes:
        what: is measured.
        ours, theirs: the two figures, formatted; theirs may be empty.
        value: what the aim is about: a ratio, or a figure.
        kind: whether ``value`` should be at least or at most ``aim``.
        unit: "times", or that of the figure.
    """

    what: str
    ours: str
    theirs: str
    value: float
    kind: Literal["at least", "at most"]
    aim: float
    unit: str

    @property
    def is_met(self) -> bool:
        """Whether the aim was reached."""
        return self.value >= self.aim if self.kind == "at least" else self.value <= self.aim


def rows(figures: Mapping[str, Any], pick: str = "median") -> list[Row]:
    """Return what the project aims at, for one number of threads; by median or fastest round."""
    greedy, beams, rival = (figures["captions"][way][pick] for way in ("greedy", "beams", "rival"))
    heap, ready = figures["heap"], figures["ready"][pick]
    ours_heap, theirs_heap = heap["seesay greedy"]["model"], heap["rival"]["model"]
    found = [
        Row(
            "time per token, greedy",
            _ms(greedy["token_ms"]),
            _ms(rival["token_ms"]),
            rival["token_ms"] / greedy["token_ms"],
            "at least",
            4,
            "times faster",
        ),
        Row(
            "image to caption, greedy, 16 tokens",
            _ms(greedy["total_ms"]),
            _ms(rival["total_ms"]),
            rival["total_ms"] / greedy["total_ms"],
            "at least",
            2.3,
            "times faster",
        ),
        Row(
            "image to caption, 4 beams against greedy",
            _ms(beams["total_ms"]),
            _ms(rival["total_ms"]),
            rival["total_ms"] / beams["total_ms"],
            "at least",
            1,
            "times faster",
        ),
        Row(
            "step of 4 beams against a step of 1",
            _ms(beams["token_ms"]),
            f"({_ms(greedy['token_ms'])})",
            beams["token_ms"] / greedy["token_ms"],
            "at most",
            2,
            "times",
        ),
        Row(
            "wasm heap after a caption",
            _megabytes(ours_heap),
            _megabytes(theirs_heap),
            ours_heap / theirs_heap,
            "at most",
            0.42,
            "of theirs",
        ),
        _python("greedy", greedy, 2),
        _python("4 beams", beams, 4),
        Row(
            "ready again from the stored model",
            _ms(ready["seesay"]),
            _ms(ready["rival"]),
            ready["rival"] / ready["seesay"],
            "at least",
            1.3,
            "times faster",
        ),
    ]
    if "long" in figures:
        growth = long_growth(figures["long"])
        found.append(
            Row(
                "100 images: heaps' growth after the third",
                _megabytes(growth),
                "",
                growth / MEGABYTE,
                "at most",
                0,
                "MB",
            )
        )
    return found


def _python(way: str, figures: Mapping[str, Any], aim: float) -> Row:
    value = figures["python_ms"]
    what = f"Python's share of a step, {way}"
    return Row(what, _ms(value), "", value, "at most", aim, "ms")


def long_growth(figures: Mapping[str, Sequence[int]]) -> int:
    """Return by how many bytes both heaps together grew after the third image."""
    return sum(heap[-1] - heap[2] for heap in figures.values())


def compare_markdown(result: Mapping[str, Any]) -> str:
    """Return the report of ``bench`` without a subcommand."""
    text = [
        "# Seesay against Transformers.js\n",
        about(result),
        _method(result),
    ]
    for threads, figures in result["threads"].items():
        text += [f"## {threads} thread{'' if threads == '1' else 's'}\n", _aims(figures)]
        text += [_parts(figures), _heap_table(figures["heap"])]
        if "scaling" in figures:
            text.append(_scaling_tables(figures["scaling"]))
        if "long" in figures:
            text.append(_long_text(figures["long"]))
    return "\n".join(text)


def _method(result: Mapping[str, Any]) -> str:
    return (
        f"Both in one page, each in a worker of its own, taking turns; {result['rounds']} rounds, "
        f"medians. {result['tokens']} tokens, forced; the weights are random, the files as large "
        f"as the official ones. Transformers.js {result['rival_version']} (npm, q8, wasm) decodes "
        "greedily: it has no beam search.\n"
    )


def _aims(figures: Mapping[str, Any]) -> str:
    pairs = zip(rows(figures), rows(figures, "fastest"), strict=True)
    cells = [
        [
            row.what,
            row.ours,
            row.theirs,
            f"{row.value:.2f} {row.unit}",
            f"{row.kind} {row.aim:g}",
            "yes" if row.is_met else "**no**",
            f"{fastest.value:.2f}",
        ]
        for row, fastest in pairs
    ]
    head = ["", "Seesay", "Transformers.js", "result", "aim", "met", "in the fastest rounds"]
    return table(head, cells)


def _parts(figures: Mapping[str, Any]) -> str:
    names = {"prepare_ms": "image file", "encode_ms": "encoder", "first_token_ms": "first token"}
    names |= {"token_ms": "each token", "run_ms": "of it, onnxruntime"}
    names |= {"python_ms": "of it, Python", "total_ms": "all"}
    ways = {"greedy": "Seesay, greedy", "beams": "Seesay, 4 beams", "rival": "Transformers.js"}
    parts = [figures["captions"][way]["median"] for way in ways]
    cells = [
        [
            label,
            *(_ms(part[key]) if key in part else "" for part in parts),
        ]
        for key, label in names.items()
    ]
    note = "(Seesay's encoder includes the prelude: cross-attention keys and values, once.)\n"
    return "Where the time goes:\n\n" + table(["", *ways.values()], cells) + "\n" + note


def _heap_table(heap: Mapping[str, Mapping[str, int]]) -> str:
    names = {
        "seesay greedy": "Seesay, one image, greedy",
        "seesay beams": "Seesay, one image, 4 beams",
        "seesay second image": "Seesay, two images (encoder and decoder both stay)",
        "rival": "Transformers.js, one image",
    }
    cells = [
        [label, _megabytes(heap[key]["model"]), _megabytes(heap[key]["python"])]
        for key, label in names.items()
    ]
    return "Memory of a fresh worker:\n\n" + table(["", "onnxruntime's heap", "Python's"], cells)


def _scaling_tables(scaling: Mapping[str, Any]) -> str:
    text = ["Image to caption, ms, against what is asked for:\n"]
    for kind, label in (("tokens", "tokens"), ("beams", "beams"), ("images", "images")):
        cells = [
            [count, _ms(found["seesay"]), _ms(found["rival"]) if "rival" in found else ""]
            for count, found in scaling[kind].items()
        ]
        text.append(table([label, "Seesay", "Transformers.js"], cells))
    return "\n".join(text)


def _long_text(figures: Mapping[str, Sequence[int]]) -> str:
    text = []
    for name, heap in figures.items():
        numbers = [_megabytes(heap[index]) for index in (0, 1, 2, -1)]
        text.append(f"{name}: {', '.join(numbers[:3])} after images 1 to 3, {numbers[3]} after all")
    return "100 images, 4 beams: " + "; ".join(text) + ".\n"


def parity_markdown(result: Mapping[str, Any], failures: Sequence[str]) -> str:
    """Return the report of ``bench parity``."""
    pairs = [
        [
            f"{row['one']} - {row['other']}",
            str(row["steps"]),
            str(row["different_values"]),
            f"{row['largest']:.3g}",
            f"{row['same_ids']} of {row['images']}",
        ]
        for row in result["comparisons"]
    ]
    cpu = [
        [
            run,
            f"{found['rounding']:.3g} ({found['typical_rounding']:.3g})",
            f"{found['clear_steps']} of {found['steps']}",
            str(found["clear_differences"]),
            f"{found['close_differences']} of {found['steps'] - found['clear_steps']}",
        ]
        for run, found in result["cpu"].items()
    ]
    method = (
        f"{result['images']} images, {result['tokens']} tokens each, greedy, in Chromium. merged: "
        "the decoder as downloaded; split: prelude and step; both with graph optimisation off, "
        "like Transformers.js here. app: what people run.\n"
    )
    clear = (
        "Against onnxruntime on the CPU, which reads the tokens that Seesay wrote. A step is clear "
        "when its two best tokens differ by more than the largest rounding.\n"
    )
    head = ["", "rounding, largest (typical)", "clear", "clear, different", "close, different"]
    text = [
        f"# The same numbers: {result['model']}\n",
        about(result),
        method,
        table(["logits of", "steps", "different", "largest difference", "same tokens"], pairs),
        clear,
        table(head, cpu),
        "\n".join(failures) or "Everything is as it must be.",
    ]
    return "\n".join(text) + "\n"


def _ms(value: float) -> str:
    return f"{value:.1f} ms" if value < 100 else f"{value:.0f} ms"


def _megabytes(size: float) -> str:
    return f"{size / MEGABYTE:.0f} MB"
