"""Trains and measures the router: drawing, photograph or page of text.

    python -m models.photo.pages FOLDER             # screenshots, train and test
    python -m models.photo.router train FOLDER            # writes router.json
    python -m models.photo.router measure FOLDER [SET]    # prints the tables of a set: test

There are three sets of pictures: train; choose, for what is chosen by hand (verdict.py); and test.
FOLDER/photographs/train and so on hold photographs, FOLDER/drawings/train further drawings,
FOLDER/cutouts/photographs and FOLDER/cutouts/drawings things that were cut out, as PNG. Scenes are
drawn here (models.training.scenes), from another seed for each set. recognition.md beside this
file says which pictures were taken for the published numbers.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.photo.evaluate import PHOTOGRAPHS, decode
from models.photo.router_samples import on_ground, photographed, variant
from models.photo.site_captioner import Site
from models.training.scenes import Composer
from pycore.interfaces import FloatArray
from pycore.recognition.image_statistics import NAMES, measure
from pycore.recognition.router import KINDS, LEAST_SHARP, Kind, Router, likeliest

ROUTER = Path(__file__).resolve().with_name("router.json")
SEEDS = {"train": 7301, "choose": 20_261_127, "test": 90_210}
SCENES = {"train": 1200, "choose": 500, "test": 500}
SIDES = {
    "train": (128, 128, 128, 256, 384),
    "choose": (128, 192, 256),
    "test": (128, 192, 256),
}
"""Of scenes, in turn: a person may show larger drawings than the model was trained on."""

FOLDERS: dict[Kind, str] = {"photograph": "photographs", "text": "pages", "drawing": "drawings"}
VARIANTS: dict[Kind, int] = {"photograph": 5, "text": 4, "drawing": 5}
WEIGHTS: dict[Kind, float] = {"drawing": 1.0, "photograph": 1.8, "text": 1.0}
"""What a mistake costs: the model for drawings says untrue things of photographs, while a drawing
that passes for a photograph is named in general words."""

UNITS = 64
DECAY = 1e-3
EPOCHS = 60
BATCH = 200
RATE = 3e-3


class Sample(NamedTuple):
    """A picture whose kind is known.

    Attributes:
        kind: what it is.
        name: of the file, or of the scene.
        data: the file.
    """

    kind: Kind
    name: str
    data: bytes


def pictures(folder: Path, part: str) -> Iterator[Sample]:
    """Yield every picture of a set, scenes included."""
    for kind, name in FOLDERS.items():
        for path in sorted((folder / name / part).glob("*")):
            yield Sample(kind, path.name, path.read_bytes())
    yield from scenes(part)


def scenes(part: str) -> Iterator[Sample]:
    """Yield the scenes of a set."""
    composer, sides = Composer(SEEDS[part]), SIDES[part]
    for index in range(SCENES[part]):
        scene = composer.scene(index, side=sides[index % len(sides)])
        file = io.BytesIO()
        Image.fromarray(scene.image).save(file, "PNG")
        yield Sample("drawing", f"scene {index}", file.getvalue())


def samples(folder: Path) -> Iterator[tuple[Kind, NDArray[np.uint8]]]:
    """Yield kind and pixels of everything in training: pictures, and versions of them."""
    rng = np.random.default_rng(0)
    for kind, name, data in pictures(folder, "train"):
        pixels = np.asarray(decode(data).pixels)
        yield kind, pixels
        if name.startswith("scene"):
            if rng.random() < 0.4:
                yield kind, variant(rng, kind, pixels)
            continue
        for number in range(VARIANTS[kind]):
            is_page = kind == "text" and number % 2 == 0
            yield kind, variant(rng, kind, photographed(rng, pixels) if is_page else pixels)
    cutouts: tuple[tuple[Kind, int], ...] = (("photograph", 3), ("drawing", 2))
    for kind, versions in cutouts:
        for path in sorted((folder / "cutouts" / FOLDERS[kind]).glob("*")):
            cutout = Image.open(path).convert("RGBA")
            for _ in range(versions):
                yield kind, on_ground(rng, cutout, is_photograph=kind == "photograph")


def train(folder: Path) -> None:
    """Measure everything in training, fit the network and write its numbers."""
    rows, labels = [], []
    for kind, pixels in samples(folder):
        found = measure(pixels)
        # What is blurred so much cannot be read; the router never takes it for a page.
        if kind != "text" or found[NAMES.index("sharp")] >= LEAST_SHARP:
            rows.append(found)
            labels.append(KINDS.index(kind))
    table, truth = np.stack(rows), np.array(labels)
    router = fit(table, truth)
    right = np.mean(router.logits(table).argmax(axis=1) == truth)
    print(f"{len(truth)} pictures, {right:.2%} right in training")
    write(router)


def fit(table: FloatArray, truth: NDArray[np.intp]) -> Router:
    """Fit the network with Adam.

    Args:
        table: statistics, float32 (pictures, statistics).
        truth: of each picture its place in ``KINDS``.
    """
    rng = np.random.default_rng(0)
    mean, deviation = table.mean(axis=0), table.std(axis=0) + 1e-3
    scaled = np.clip((table - mean) / deviation, -4, 4)
    wanted = np.eye(len(KINDS), dtype=np.float32)[truth]
    costs = np.array([WEIGHTS[kind] for kind in KINDS])
    balance = (len(truth) / np.bincount(truth) / len(KINDS) * costs).astype(np.float32)
    parts = [
        (rng.normal(size=(ins, outs)) / np.sqrt(ins)).astype(np.float32)
        for ins, outs in ((len(NAMES), UNITS), (UNITS, len(KINDS)))
    ]
    parts[1:1] = [np.zeros(UNITS, np.float32)]
    parts.append(np.zeros(len(KINDS), np.float32))
    decay = (DECAY, 0, DECAY, 0)
    speeds, sizes = ([np.zeros_like(part) for part in parts] for _ in range(2))
    steps = EPOCHS * (len(truth) // BATCH)
    for step in range(1, steps + 1):
        if step % (len(truth) // BATCH) == 1:
            order = rng.permutation(len(truth))
        batch, order = order[:BATCH], order[BATCH:]
        inputs = scaled[batch]
        hidden = np.tanh(inputs @ parts[0] + parts[1])
        logits = hidden @ parts[2] + parts[3]
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        error = (shares - wanted[batch]) * balance[truth[batch], None] / BATCH
        back = (error @ parts[2].T) * (1 - hidden**2)
        slopes = (inputs.T @ back, back.sum(axis=0), hidden.T @ error, error.sum(axis=0))
        rate = RATE * (1 - step / steps) + 1e-5
        for place, part in enumerate(parts):
            slope = slopes[place] + decay[place] * part
            speeds[place] = 0.9 * speeds[place] + 0.1 * slope
            sizes[place] = 0.999 * sizes[place] + 0.001 * slope**2
            size = np.sqrt(sizes[place] / (1 - 0.999**step)) + 1e-8
            parts[place] = part - rate * speeds[place] / (1 - 0.9**step) / size
    return Router(mean, deviation, *parts)


def write(router: Router) -> None:
    """Write router.json."""
    numbers = {part.name: _numbers(getattr(router, part.name)) for part in fields(router)}
    data = {"kinds": KINDS, "statistics": NAMES, **numbers}
    ROUTER.write_text(json.dumps(data, separators=(",", ":")) + "\n", encoding="utf-8")


def _numbers(values: NDArray[np.floating]) -> list[Any]:
    if values.ndim > 1:
        return [_numbers(row) for row in values]
    return [float(f"{value:.4g}") for value in values]


def measure_router(shown: Iterable[Sample]) -> None:
    """Print how many pictures of each kind were taken for which, and the mistaken ones.

    Once by the router alone, and once by the site, which hears the model for drawings where the
    router is not sure, and reads what looks like text.
    """
    router, site = Router.from_dict(json.loads(ROUTER.read_text(encoding="utf-8"))), Site()
    tables = {who: {kind: dict.fromkeys(KINDS, 0) for kind in KINDS} for who in ("router", "site")}
    for kind, name, data in shown:
        image = decode(data)
        shares = router.shares(np.asarray(image.pixels))
        verdicts = {"router": likeliest(shares), "site": site.kind(image, data)}
        for who, taken in verdicts.items():
            tables[who][kind][taken] += 1
            if taken != kind:
                told = ", ".join(f"{share:.2f}" for share in shares.values())
                print(f"{who}: {kind} {name} taken for {taken} ({told})", flush=True)
    for who, table in tables.items():
        print(f"{who:<11} pictures " + " ".join(f"{kind:>11}" for kind in KINDS) + "   right")
        for kind, counts in table.items():
            if total := sum(counts.values()):
                cells = " ".join(f"{counts[taken]:>11}" for taken in KINDS)
                print(f"{kind:<11} {total:>8} {cells}  {counts[kind] / total:.1%}")


def main() -> int:
    """Print the tables of the pictures that are here: drawn scenes and the tests' photographs."""
    paths = sorted([*PHOTOGRAPHS.glob("*.png"), *PHOTOGRAPHS.glob("*.jpg")])
    here = [Sample("photograph", path.name, path.read_bytes()) for path in paths]
    print("Kinds of what is here (all of the test set: models/photo/recognition.md):")
    measure_router([*scenes("test"), *here])
    return 0


if __name__ == "__main__":
    if sys.argv[1] == "train":
        train(Path(sys.argv[2]))
    else:
        measure_router(pictures(Path(sys.argv[2]), (*sys.argv[3:], "test")[0]))
