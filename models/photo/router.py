"""Trains and measures the router: drawing, photograph or page of text.

    python -m models.photo.pages FOLDER             # screenshots, train and test
    python -m models.photo.router train FOLDER      # writes router.json
    python -m models.photo.router measure FOLDER    # prints the table of the test set

FOLDER/photographs/train and FOLDER/photographs/test hold photographs, FOLDER/drawings/train
further drawings. Scenes are drawn here (models.training.scenes), the test's from another seed.
README.md beside this file says which photographs were taken for the published numbers.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.training.scenes import Composer
from pycore.recognition.image_statistics import NAMES, measure
from pycore.recognition.router import KINDS, Kind, Router, features

ROUTER = Path(__file__).resolve().with_name("router.json")
SEEDS = {"train": 7301, "test": 99}
SCENES = {"train": 1200, "test": 500}
FOLDERS: dict[Kind, str] = {"photograph": "photographs", "text": "pages", "drawing": "drawings"}
VARIANTS: dict[Kind, int] = {"photograph": 10, "text": 6, "drawing": 6}
ROUNDS = 3000
DECAY = 3e-4


def pictures(folder: Path, part: str) -> Iterator[tuple[Kind, str, NDArray[np.uint8]]]:
    """Yield kind, name and pixels of every picture of a set, scenes included."""
    for kind, name in FOLDERS.items():
        for path in sorted((folder / name / part).glob("*")):
            yield kind, path.name, np.asarray(Image.open(path).convert("RGB"))
    composer = Composer(SEEDS[part])
    for index in range(SCENES[part]):
        # A person may show larger drawings than the model was trained on.
        side = (128, 128, 128, 256, 384)[index % 5] if part == "train" else 128
        yield "drawing", f"scene {index}", composer.scene(index, side=side).image


def variant(rng: np.random.Generator, kind: Kind, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Cut, scale and compress a picture as people do before they show it."""
    image = Image.fromarray(_repainted(rng, pixels) if kind == "text" else pixels)
    if rng.random() < 0.6:
        share = rng.uniform(0.5, 1, 2)
        width, height = (max(32, int(side * s)) for side, s in zip(image.size, share, strict=True))
        left = int(rng.integers(0, max(1, image.width - width)))
        top = int(rng.integers(0, max(1, image.height - height)))
        image = image.crop(
            (left, top, min(image.width, left + width), min(image.height, top + height))
        )
    if rng.random() < 0.6:
        # A page that is much smaller cannot be read, and is none.
        lower = 0.6 if kind == "text" else 128 / max(image.size)
        lower = min(lower, 0.9)
        # Small photographs are as many as large ones.
        upper = 1.0 if max(image.size) > 500 else 2.0
        factor = float(np.exp(rng.uniform(np.log(lower), np.log(upper))))
        method = Image.Resampling(int(rng.choice([1, 2, 3])))
        image = image.resize([max(32, round(side * factor)) for side in image.size], method)
    if rng.random() < 0.5:
        packed = io.BytesIO()
        image.save(packed, "JPEG", quality=int(rng.integers(40, 95)))
        image = Image.open(packed)
    if rng.random() < 0.06:
        image = image.convert("L").convert("RGB")
    return np.asarray(image)


def _repainted(rng: np.random.Generator, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Give a page other colours, and a plain margin: pages are not all black on white."""
    values = pixels.astype(np.float32)
    if rng.random() < 0.35:
        paper, ink = rng.uniform(150, 255, 3), rng.uniform(0, 70, 3)
        if rng.random() < 0.4:
            paper, ink = ink, paper
        values = (ink + (paper - ink) * values / 255).astype(np.float32)
    if rng.random() < 0.4:
        width = pixels.shape[1]
        share = int(rng.uniform(0.08, 0.35) * width)
        colour = rng.uniform(0, 255, 3)
        values[:, :share] = colour
        if rng.random() < 0.6:
            values[:, width - share :] = colour
    return values.astype(np.uint8)


def train(folder: Path) -> None:
    """Fit a logistic regression with Nesterov's method and write its numbers."""
    rng = np.random.default_rng(0)
    rows, labels = [], []
    for kind, name, pixels in pictures(folder, "train"):
        versions = [pixels]
        if not name.startswith("scene"):
            versions += [variant(rng, kind, pixels) for _ in range(VARIANTS[kind])]
        elif rng.random() < 0.4:
            versions = [variant(rng, kind, pixels)]
        rows += [measure(version) for version in versions]
        labels += [KINDS.index(kind)] * len(versions)
    table, truth = np.stack(rows), np.array(labels)
    mean, deviation = table.mean(axis=0), table.std(axis=0) + 1e-3
    inputs = features((table - mean) / deviation).astype(np.float64)
    wanted = np.eye(len(KINDS))[truth]
    balance = (1 / np.bincount(truth) / len(KINDS))[truth][:, None]
    weights, bias = np.zeros((inputs.shape[1], len(KINDS))), np.zeros(len(KINDS))
    speed, drift = np.zeros_like(weights), np.zeros_like(bias)
    for round_ in range(ROUNDS):
        ahead, ahead_bias = weights + 0.9 * speed, bias + 0.9 * drift
        logits = inputs @ ahead + ahead_bias
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        error = (shares - wanted) * balance
        rate = 0.05 * (1 - round_ / ROUNDS) + 1e-4
        speed = 0.9 * speed - rate * (inputs.T @ error + DECAY * ahead)
        drift = 0.9 * drift - rate * error.sum(axis=0)
        weights, bias = weights + speed, bias + drift
    right = np.mean((inputs @ weights + bias).argmax(axis=1) == truth)
    print(f"{len(truth)} pictures, {right:.2%} right in training")
    data = {
        "kinds": KINDS,
        "statistics": NAMES,
        "mean": _numbers(mean),
        "deviation": _numbers(deviation),
        "weights": [_numbers(row) for row in weights],
        "bias": _numbers(bias),
    }
    ROUTER.write_text(json.dumps(data, separators=(",", ":")) + "\n", encoding="utf-8")


def _numbers(values: NDArray[np.floating]) -> list[float]:
    return [float(f"{value:.4g}") for value in values]


def measure_router(folder: Path) -> None:
    """Print how many pictures of each kind were taken for which, and the mistaken ones."""
    router = Router.from_dict(json.loads(ROUTER.read_text(encoding="utf-8")))
    table = {kind: dict.fromkeys(KINDS, 0) for kind in KINDS}
    for kind, name, pixels in pictures(folder, "test"):
        taken = router.kind(pixels)
        table[kind][taken] += 1
        if taken != kind:
            print(f"{name}: {kind} taken for {taken}")
    print("kind        pictures " + " ".join(f"{kind:>11}" for kind in KINDS) + "   right")
    for kind, counts in table.items():
        total = sum(counts.values())
        cells = " ".join(f"{counts[taken]:>11}" for taken in KINDS)
        print(f"{kind:<11} {total:>8} {cells}  {counts[kind] / max(1, total):.1%}")


if __name__ == "__main__":
    {"train": train, "measure": measure_router}[sys.argv[1]](Path(sys.argv[2]))
