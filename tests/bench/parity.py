"""The same logits, bit for bit: Seesay's two decoder layouts against Transformers.js.

And the same tokens as onnxruntime on the CPU, wherever two tokens are not so close that rounding
decides between them.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from models.training.onnx_model import OnnxModel
from pycore.interfaces import FloatArray
from seesay.run_now import run_now
from tests.bench.lab import Lab, photographs

UNOPTIMISED = "disabled"
RUNS = {
    "merged": ("merged", UNOPTIMISED),
    "split": ("split", UNOPTIMISED),
    "app": ("app", "all"),
}
"""What Seesay's side does: decoder layout and graph optimisation. "app" is what people run."""
RIVAL = "Transformers.js"
EXACT = (("split", "merged"), ("merged", RIVAL), ("split", RIVAL))
"""Pairs that must be equal to the bit."""
ROUNDED = (("app", "merged"),)
"""Pairs in which graph optimisation, or the app's own rewriting, may round otherwise."""


@dataclass(frozen=True)
class CpuAgreement:
    """Seesay in the browser, step by step, against onnxruntime on the CPU.

    Attributes:
        steps: decoder steps compared; the CPU reads the tokens that Seesay wrote.
        rounding: largest difference between two logits, the one's and the other's.
        typical_rounding: median over the steps of a step's largest difference.
        clear_steps: steps whose two best tokens differ by more than ``rounding``.
        clear_differences: clear steps in which the two chose different tokens.
        close_differences: the same in the other steps.
    """

    steps: int
    rounding: float
    typical_rounding: float
    clear_steps: int
    clear_differences: int
    close_differences: int


def test_images(size: int, count: int = 20) -> dict[str, bytes]:
    """Return the photographs and their mirror images, at the size that the model wants.

    Transformers.js resizes otherwise than Pillow; at this size neither has to.
    """
    images = {}
    for name, data in photographs().items():
        image = Image.open(io.BytesIO(data)).convert("RGB").resize((size, size))
        for kind, version in (("", image), ("mirrored-", ImageOps.mirror(image))):
            out = io.BytesIO()
            version.save(out, "PNG")
            images[f"{kind}{Path(name).stem}.png"] = out.getvalue()
    return dict(list(images.items())[:count])


def image_size(model: Path) -> int:
    """Return the side of the square images that a model takes."""
    config = json.loads((model / "preprocessor_config.json").read_text(encoding="utf-8"))
    size = config["size"]
    return int(size["height"] if isinstance(size, dict) else size)


def record_all(
    lab: Lab, name: str, images: Sequence[str], tokens: int, size: int, runs: Sequence[str]
) -> dict[str, Any]:
    """Write every caption in every way, and keep the logits in the page.

    Returns:
        What the probe said about each way's decoder.
    """
    folder = f"models/{name}"
    lab.run(
        "lab.probe = new lab.Probe(); await lab.probe.start(a)", {"folder": folder, "numThreads": 1}
    )
    said = {}
    for run in runs:
        layout, optimization = RUNS[run]
        lab.run("return lab.probe.open(a)", {"layout": layout, "optimization": optimization})
        for image in images:
            lab.run(
                "lab.logits.add(a.run, await lab.probe.record(a.image, a.tokens))",
                {"run": run, "image": image, "tokens": tokens},
            )
        said[run] = lab.run("return lab.probe.describe()")
    settings = {**lab.rival_settings(name, 1), "optimization": UNOPTIMISED}
    lab.run("await lab.rival.start(a)", settings)
    for image in images:
        lab.run(
            """const pixelValues = await lab.probe.prepare(a.image);
            lab.logits.add(a.run, await lab.rival.record({ ...a, pixelValues }))""",
            {"run": RIVAL, "image": image, "tokens": tokens, "size": size},
        )
    return said


def compare(lab: Lab, one: str, other: str) -> dict[str, Any]:
    """Compare two runs' logits, bit by bit."""
    result: dict[str, Any] = lab.run(
        "return lab.logits.compare(a.one, a.other)", {"one": one, "other": other}
    )
    return result


def compare_with_cpu(lab: Lab, run: str, model: Path, images: Sequence[str]) -> CpuAgreement:
    """Compare a run's logits with those of onnxruntime on the CPU on the same tokens."""
    cpu = OnnxModel(model)
    config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    start = int(config["decoder_start_token_id"])
    ids = lab.run("return lab.logits.ids(a)", run)
    roundings: list[float] = []
    margins: list[float] = []
    equal: list[bool] = []
    for index, image in enumerate(images):
        theirs = _logits(lab, run, index, len(ids[index]))
        pixels = _pixel_values(lab, image)
        ours = _teacher_forced(cpu, pixels, [start, *ids[index][:-1]])
        best = np.sort(ours, axis=1)[:, -2:]
        margins.extend(best[:, 1] - best[:, 0])
        roundings.extend(np.abs(ours - theirs).max(axis=1))
        equal.extend(ours.argmax(axis=1) == theirs.argmax(axis=1))
    return _agreement(np.array(roundings), np.array(margins), np.array(equal))


def _agreement(
    roundings: FloatArray, margins: FloatArray, equal: NDArray[np.bool_]
) -> CpuAgreement:
    rounding = float(roundings.max())
    clear = margins > rounding
    return CpuAgreement(
        steps=len(equal),
        rounding=rounding,
        typical_rounding=float(np.median(roundings)),
        clear_steps=int(clear.sum()),
        clear_differences=int((clear & ~equal).sum()),
        close_differences=int((~clear & ~equal).sum()),
    )


def _teacher_forced(cpu: OnnxModel, pixel_values: FloatArray, ids: Sequence[int]) -> FloatArray:
    session = run_now(run_now(cpu.encode(pixel_values)).open())
    rows = [run_now(session.step(np.array([[token]], dtype=np.int64))).logits[0] for token in ids]
    session.release()
    return np.stack(rows)


def _logits(lab: Lab, run: str, index: int, steps: int) -> FloatArray:
    text = lab.run("return lab.logits.base64(a.run, a.index)", {"run": run, "index": index})
    return np.frombuffer(base64.b64decode(text), dtype=np.float32).reshape(steps, -1)


def _pixel_values(lab: Lab, image: str) -> FloatArray:
    values = lab.run("return [...await lab.probe.prepare(a)]", image)
    side = round((len(values) / 3) ** 0.5)
    return np.array(values, dtype=np.float32).reshape(1, 3, side, side)


def measure(lab: Lab, name: str, model: Path, images: Sequence[str], tokens: int) -> dict[str, Any]:
    """Make all comparisons for one model.

    Returns:
        JSON-like data: what report.parity_table shows.
    """
    size = image_size(model)
    said = record_all(lab, name, images, tokens, size, list(RUNS))
    comparisons = [
        {"one": one, "other": other, **compare(lab, one, other)} for one, other in EXACT + ROUNDED
    ]
    agreement = {
        run: asdict(compare_with_cpu(lab, run, model, images)) for run in ("merged", "split", "app")
    }
    return {
        "model": name,
        "images": len(images),
        "tokens": tokens,
        "decoders": said,
        "comparisons": comparisons,
        "cpu": agreement,
    }


def failures(result: Mapping[str, Any]) -> list[str]:
    """Return a sentence for everything that is not as it must be."""
    found = []
    for row in result["comparisons"]:
        pair = f"{row['one']} against {row['other']}"
        if (row["one"], row["other"]) in EXACT and row["different_values"]:
            found.append(f"{pair}: {row['different_values']} logits differ")
        if (row["one"], row["other"]) in EXACT and row["same_ids"] != row["images"]:
            found.append(f"{pair}: {row['images'] - row['same_ids']} captions differ")
    for run, agreement in result["cpu"].items():
        if agreement["clear_differences"]:
            found.append(f"{run}: {agreement['clear_differences']} clear tokens are not the CPU's")
    return found
