"""The benchmark's times and heaps as bars, in an SVG picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from tests.bench.report import MEGABYTE


def bars(result: Mapping[str, Any]) -> str:
    """Return an SVG picture of the times and heaps, Seesay above Transformers.js."""
    groups = []
    for threads, figures in result["threads"].items():
        suffix = f"{threads} thread{'' if threads == '1' else 's'}"
        greedy, beams, rival = (
            figures["captions"][way]["median"] for way in ("greedy", "beams", "rival")
        )
        ready = figures["ready"]["median"]
        groups += [
            (f"Time per token, {suffix}", greedy["token_ms"], rival["token_ms"], "ms"),
            (f"Image to caption, {suffix}", greedy["total_ms"], rival["total_ms"], "ms"),
            (f"... with 4 beams, {suffix}", beams["total_ms"], rival["total_ms"], "ms"),
            (f"Ready again, {suffix}", ready["seesay"], ready["rival"], "ms"),
        ]
    heap = next(iter(result["threads"].values()))["heap"]
    sizes = [heap[who]["model"] / MEGABYTE for who in ("seesay greedy", "rival")]
    groups.append(("Wasm heap after a caption", *sizes, "MB"))
    return _svg(groups)


def _svg(groups: Sequence[tuple[str, float, float, str]]) -> str:
    width, left, bar, gap = 760, 250, 14, 18
    room = width - left - 90
    parts = []
    y = 52
    for label, ours, theirs, unit in groups:
        parts.append(
            f'<text x="{left - 12}" y="{y + bar + 4}" class="label">{escape(label)}</text>'
        )
        for value, kind in ((ours, "ours"), (theirs, "theirs")):
            length = max(2, room * value / max(ours, theirs))
            text = f"{value:.3g}" if value < 100 else f"{value:.0f}"
            box = f'x="{left}" y="{y}" width="{length:.1f}" height="{bar}" rx="3"'
            parts.append(f'<rect {box} class="{kind}"/>')
            place = f'x="{left + length + 6:.1f}" y="{y + 11}"'
            parts.append(f"<text {place}>{text} {unit}</text>")
            y += bar + 3
        y += gap
    style = (
        "text{font:12px system-ui,sans-serif;fill:#333}.label{text-anchor:end}"
        ".ours{fill:#0b7a75}.theirs{fill:#b8bfc6}"
        "@media(prefers-color-scheme:dark){text{fill:#ddd}.ours{fill:#3fc1b8}.theirs{fill:#68707a}}"
    )
    legend = (
        f'<rect x="{left}" y="16" width="14" height="14" rx="3" class="ours"/>'
        f'<text x="{left + 20}" y="28">Seesay</text>'
        f'<rect x="{left + 90}" y="16" width="14" height="14" rx="3" class="theirs"/>'
        f'<text x="{left + 110}" y="28">Transformers.js, greedy (shorter is better)</text>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {y}" role="img" '
        f'aria-label="Seesay and Transformers.js compared">\n<style>{style}</style>\n{legend}\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )
