"""Score the starter model on scenes it never saw: `python3 build.py evaluate`.

Every scene goes the way of a person's image: a PNG file through pycore's pipeline and the
quantised graphs.  The seed is neither the one of training nor the one that set the threshold.
"""

from __future__ import annotations

import argparse
import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, features

from models.training.captions import parse
from models.training.onnx_model import captioner
from models.training.scenes import Composer, Scene
from models.training.sprites import FONT
from pycore.captioning.pipeline import ImageToText
from pycore.captioning.result import CaptionResult
from pycore.generation.output import NeverCancelled
from seesay.run_now import run_now

ROOT = Path(__file__).resolve().parents[2]
SEED = 987_654_321
# Scenes come as files of different sizes; the image processor makes them all 128 x 128.
SIDES = (128, 192, 256)
_PHOTO_TYPES = {".png", ".jpg"}


@dataclass
class Score:
    """Sums over scenes; shares are of `scenes`."""

    scenes: int = 0
    things: int = 0
    counts: int = 0
    caption: int = 0
    flagged: int = 0

    def add(self, scene: Scene, result: CaptionResult) -> None:
        """Judge one caption against its scene."""
        wanted, told = parse(scene.caption), parse(result.caption)
        self.scenes += 1
        self.things += told is not None and wanted is not None and set(told) == set(wanted)
        self.counts += told == wanted
        self.caption += result.caption == scene.caption
        self.flagged += result.flagged

    def row(self, name: str) -> str:
        """One line of the table."""
        shares = (self.things, self.counts, self.caption, self.flagged)
        cells = "".join(f"{100 * n / max(self.scenes, 1):>10.1f}" for n in shares)
        return f"{name:<10}{self.scenes:>7}{cells}"


def caption_bytes(model: ImageToText, data: bytes) -> CaptionResult:
    """Caption an image file greedily."""
    return run_now(
        model(
            data,
            options={},
            on_token=lambda _text, _token: None,
            on_progress=lambda _stage, _done, _total: None,
            cancel=NeverCancelled(),
        )
    )


def as_file(scene: Scene) -> bytes:
    """The scene as a PNG file."""
    stream = io.BytesIO()
    Image.fromarray(scene.image).save(stream, "PNG", compress_level=1)
    return stream.getvalue()


def score(
    model: ImageToText, seed: int, scenes: int
) -> tuple[dict[str, Score], list[float], list[str]]:
    """Caption scenes of a seed.

    Returns:
        Scores by the number of things and in all, the confidences, and descriptions of misses.
    """
    composer = Composer(seed)
    table = {name: Score() for name in ("1", "2", "3", "4", "all")}
    confidences, misses = [], []
    for index in range(scenes):
        scene = composer.scene(index, side=SIDES[index % len(SIDES)])
        result = caption_bytes(model, as_file(scene))
        for name in (str(len(scene.kinds)), "all"):
            table[name].add(scene, result)
        confidences.append(result.confidence)
        if parse(result.caption) != parse(scene.caption):
            misses.append(f"{index}: {scene.caption} -> {result.caption} ({result.confidence:.2f})")
    return table, confidences, misses


def photographs(model: ImageToText, folder: Path) -> list[tuple[str, CaptionResult]]:
    """Caption the photographs of a folder."""
    paths = sorted(path for path in folder.glob("*") if path.suffix in _PHOTO_TYPES)
    return [(path.name, caption_bytes(model, path.read_bytes())) for path in paths]


def check_drawing() -> None:
    """Make sure that scenes can be drawn here.

    Raises:
        SystemExit: with a sentence that says what to install.
    """
    if not FONT.is_file():
        raise SystemExit(f"{FONT} is missing: apt-get install fonts-noto-color-emoji")
    if not features.check("raqm"):
        raise SystemExit("Pillow cannot shape emoji here: apt-get install libfribidi0")


def main(argv: list[str] | None = None) -> int:
    """Print the tables; 1 where the model misses what is asked of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "starter")
    parser.add_argument("--suffix", default="_quantized", help="of the ONNX files")
    parser.add_argument("--scenes", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--photos", type=Path, default=ROOT / "tests" / "fixtures" / "photos")
    parser.add_argument("--misses", action="store_true", help="list wrong captions")
    options = parser.parse_args(argv)
    check_drawing()
    model = captioner(options.model, options.suffix)
    table, _, misses = score(model, options.seed, options.scenes)
    if options.misses:
        print("\n".join(misses))
    heads = ("things %", "counts %", "caption %", "flagged %")
    print(f"{'things':<10}{'scenes':>7}" + "".join(f"{head:>10}" for head in heads))
    for name, sums in table.items():
        print(sums.row(name))
    whole = table["all"]
    good = whole.things >= 0.95 * whole.scenes and whole.counts >= 0.90 * whole.scenes
    good &= whole.flagged <= 0.05 * whole.scenes
    photos = photographs(model, options.photos)
    for name, result in photos:
        state = "flagged" if result.flagged else "NOT flagged"
        print(f"{name:<24}{result.confidence:.3f} {state}: {result.caption}")
    good &= sum(result.flagged for _, result in photos) >= 0.9 * len(photos)
    print("meets its aims" if good else "MISSES its aims")
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
