"""Florence-2 at full size with random weights, on CPU onnxruntime: what mending it is worth.

``build.py bench florence``: how near the features of each variant of the vision encoder come to
those of the float32 graph at its right scales, how long each part takes natively, and whether the
split decoder chooses the tokens that the downloaded one chooses. With ``--in-browser`` it is
florence_web.py that measures: times and heap in Chromium, and Transformers.js. With ``--pace``
it is florence_pace.py: how long Seesay's other models take there, and this one at 384 pixels.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from models.florence.random_model import write_base
from pycore.families.florence2 import Florence2, davit_shape
from pycore.images.file import read_image
from pycore.images.processor import ImageProcessor
from pycore.interfaces import FloatArray, IntArray
from pycore.models.layouts import (
    DECODER_PATH,
    EMBEDDINGS_PATH,
    TEXT_ENCODER_PATH,
    VISION_ENCODER_PATH,
)
from pycore.onnx_graph.davit import mend_vision_encoder
from pycore.onnx_graph.embedding_table import EmbeddingTable
from pycore.onnx_graph.wire import BytesSource
from pycore.text.tokenizer import Tokenizer
from seesay.inference.florence_model import FlorenceModel, FlorenceSteps
from seesay.inference.sessions import Session
from seesay.models.models import ModelFolder
from seesay.run_now import run_now
from tests.bench import florence_pace, florence_web
from tests.bench.lab import photographs
from tests.bench.results import RESULTS, about, circumstances, table, write
from tools.project import cache_dir

SIZES = (768, 384)
"""Sides of images: the official one, and the next below that divides into windows at each stage."""

MENDS: Mapping[str, tuple[str, ...]] = {
    "as downloaded": (),
    "scales": ("scales",),
    "scales, depthwise": ("scales", "depthwise"),
    "scales, depthwise, chunks": ("scales", "depthwise", "chunks"),
    "scales, depthwise, chunks, GELUs": ("scales", "depthwise", "chunks", "gelus"),
}
_STEPS = 20
_START = 2


def main() -> int:
    """Measure, and write bench/results/florence.*; 1 when clear tokens differ."""
    parser = argparse.ArgumentParser(prog="bench florence", description=__doc__)
    parser.add_argument("--model-dir", type=Path, metavar="DIR", help="with the float32 graphs")
    parser.add_argument("--out", type=Path, default=RESULTS, metavar="DIR")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--images", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--in-browser", action="store_true", help="against Transformers.js")
    parser.add_argument("--pace", action="store_true", help="in the browser, beside other models")
    options = parser.parse_args()
    if options.in_browser:
        folder = options.model_dir or _random_model()
        florence_web.measure(folder, options.out, options.threads, options.rounds)
        return 0
    if options.pace:
        florence_pace.measure(options.model_dir or _random_model(), options.out, options.threads)
        return 0
    load = os.getloadavg()[0]
    files = ModelFolder(options.model_dir or _random_model())
    images = list(photographs().values())[: options.images]
    tokens = _tokens(files, images, options.threads)
    result = {
        **circumstances(load),
        "threads": options.threads,
        "features": [
            row
            for size in SIZES
            for row in _features(files, images, size, options.threads, options.rounds)
        ],
        "parts_ms": _parts(files, images[0], options.threads, options.rounds),
        "tokens": tokens,
    }
    write(options.out, "florence", result, _markdown(result))
    return 1 if tokens["clear_differences"] else 0


def _random_model() -> Path:
    folder = cache_dir() / "models" / "random-florence-2"
    if not (folder / DECODER_PATH).is_file():
        print("Making Florence-2 with random weights; this takes minutes ...", flush=True)
        write_base(folder, keep_float=True)
    return folder


def _float_bytes(files: ModelFolder, path: str) -> bytes:
    return files.read_bytes(path.replace("_quantized.onnx", ".onnx"))


def _pixel_values(files: ModelFolder, images: list[bytes], size: int) -> list[FloatArray]:
    config = files.read_json("preprocessor_config.json")
    config = {**config, "size": {"height": size, "width": size}}
    processor = ImageProcessor.from_config(config)
    return [
        processor(read_image(data, target_size=processor.target_size).pixels) for data in images
    ]


def _features(
    files: ModelFolder, images: list[bytes], size: int, threads: int, rounds: int
) -> list[dict[str, Any]]:
    """Run the vision encoder in all variants; right is float32 with the right scales."""
    pixels = _pixel_values(files, images, size)
    right = _vision(files, size, ("scales",), threads, in_floats=True)
    expected = [right.run_pixels(image) for image in pixels]
    del right
    rows = []
    for in_floats, mends in (
        (True, ("as downloaded",)),
        (False, tuple(MENDS)),
    ):
        for name in mends:
            session = _vision(files, size, MENDS[name], threads, in_floats=in_floats)
            seen = [session.run_pixels(image) for image in pixels]
            correlations = [
                float(np.corrcoef(own.ravel(), told.ravel())[0, 1])
                for own, told in zip(seen, expected, strict=True)
            ]
            milliseconds = _median_ms(partial(session.run_pixels, pixels[0]), rounds)
            weights = "float32" if in_floats else "quantised"
            rows.append(
                {
                    "size": size,
                    "weights": weights,
                    "mends": name,
                    "correlation": statistics.mean(correlations),
                    "ms": milliseconds,
                }
            )
            print(rows[-1], flush=True)
    return rows


def _vision(
    files: ModelFolder, size: int, mends: tuple[str, ...], threads: int, *, in_floats: bool
) -> Session:
    read = _float_bytes if in_floats else ModelFolder.read_bytes
    data = read(files, VISION_ENCODER_PATH)
    shape = davit_shape(files.read_json("config.json"), (size, size))
    switches = {name: name in mends for name in MENDS["scales, depthwise, chunks, GELUs"]}
    mended = mend_vision_encoder(BytesSource(data), "vision.onnx", shape, **switches)
    return Session(mended, threads, {"vision.onnx": data})


def _prompt(files: ModelFolder) -> tuple[int, ...]:
    tokenizer = Tokenizer.from_json(files.read_bytes("tokenizer.json"))
    return Florence2().tasks(tokenizer)["caption"].prompt_ids


def _model(files: ModelFolder, threads: int) -> FlorenceModel:
    return FlorenceModel(files, files.read_json("config.json"), (SIZES[0], SIZES[0]), threads)


def _parts(files: ModelFolder, image: bytes, threads: int, rounds: int) -> dict[str, float]:
    """Time what comes after the look."""
    model, prompt = _model(files, threads), _prompt(files)
    (pixels,) = _pixel_values(files, [image], SIZES[0])
    seen = run_now(model.encode(pixels))
    times = {"prompt": _median_ms(lambda: run_now(seen.open(prompt)), rounds)}
    for beams in (1, 3):
        session = run_now(seen.open(prompt))
        run_now(session.step(np.array([[_START]])))
        run_now(session.step(np.zeros((beams, 1), np.int64), np.zeros(beams, np.int64)))
        ids, rows = np.full((beams, 1), 5), np.arange(beams)
        times[f"step_{beams}"] = _median_ms(partial(_step, session, ids, rows), 15)
    return times


def _step(session: FlorenceSteps, ids: IntArray, rows: IntArray) -> None:
    run_now(session.step(ids, rows))


def _tokens(files: ModelFolder, images: list[bytes], threads: int) -> dict[str, Any]:
    """Compare with the downloaded decoder, which reads the tokens that the split one chose."""
    model, prompt = _model(files, threads), _prompt(files)
    table_ = EmbeddingTable.from_source(BytesSource(files.read_bytes(EMBEDDINGS_PATH)))
    merged = Session(files.read_bytes(DECODER_PATH), threads)
    text_encoder = Session(files.read_bytes(TEXT_ENCODER_PATH), threads)
    embed = Session(files.read_bytes(EMBEDDINGS_PATH), threads)
    steps: list[tuple[float, float, bool]] = []
    for pixels in _pixel_values(files, images, SIZES[0]):
        seen = run_now(model.encode(pixels))
        session = run_now(seen.open(prompt))
        (rows,) = embed.run(["inputs_embeds"], {"input_ids": np.array([prompt])}, "reading")
        assert np.array_equal(rows, table_.rows(np.array([prompt])))
        embeds = np.concatenate([seen.features[0], rows], axis=1)
        mask = np.ones(embeds.shape[:2], dtype=np.int64)
        feeds = {"inputs_embeds": embeds, "attention_mask": mask}
        (states,) = text_encoder.run(["last_hidden_state"], feeds, "reading")
        heads, head_size = Florence2().decoder_shape(files.read_json("config.json"))
        past = {
            name: np.zeros((1, heads, 0, head_size), np.float32)
            for name in merged.inputs
            if name.startswith("past_key_values.")
        }
        token = _START
        for step in range(_STEPS):
            own = run_now(session.step(np.array([[token]]))).logits[0]
            (row,) = embed.run(["inputs_embeds"], {"input_ids": np.array([[token]])}, "reading")
            values = merged.run(
                merged.outputs,
                {
                    "inputs_embeds": row,
                    "encoder_hidden_states": states,
                    "encoder_attention_mask": mask,
                    "use_cache_branch": np.array([step > 0]),
                    **past,
                },
                "writing",
            )
            told = dict(zip(merged.outputs, values, strict=True))
            logits = told["logits"][0, -1]
            for name in past:
                if step == 0 or ".decoder." in name:
                    past[name] = told[name.replace("past_key_values", "present")]
            second, best = np.partition(logits, -2)[-2:]
            same = int(own.argmax()) == int(logits.argmax())
            steps.append((float(abs(own - logits).max()), float(best - second), same))
            token = int(own.argmax())
    rounding = max(step[0] for step in steps)
    clear = [step for step in steps if step[1] > rounding]
    return {
        "steps": len(steps),
        "rounding": rounding,
        "clear_steps": len(clear),
        "clear_differences": sum(not step[2] for step in clear),
        "close_differences": sum(not step[2] for step in steps) - sum(not s[2] for s in clear),
    }


def _median_ms(run: Callable[[], object], rounds: int) -> float:
    run()
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        run()
        times.append(1e3 * (time.perf_counter() - began))
    return statistics.median(times)


def _markdown(result: Mapping[str, Any]) -> str:
    rows = [
        [
            str(row["size"]),
            row["weights"],
            row["mends"],
            f"{row['correlation']:.4f}",
            f"{row['ms']:.0f}",
        ]
        for row in result["features"]
    ]
    parts, tokens = result["parts_ms"], result["tokens"]
    return (
        f"# Florence-2, random weights, native onnxruntime, {result['threads']} threads\n\n"
        f"{about(result)}\n"
        "Correlation of the image features with those of float32 at the right scales:\n\n"
        + table(["size", "weights", "mended", "correlation", "ms"], rows)
        + f"\nText encoder and cross-attention: {parts['prompt']:.0f} ms; a step "
        f"{parts['step_1']:.0f} ms, of three beams {parts['step_3']:.0f} ms.\n\n"
        f"Of {tokens['steps']} steps {tokens['clear_steps']} are clearer than the rounding between "
        f"the split and the downloaded decoder ({tokens['rounding']:.3g}); "
        f"{tokens['clear_differences']} of these chose another token, "
        f"{tokens['close_differences']} of the others.\n"
    )
