"""Draw scenes as files: `python -m models.training.draw FOLDER` (what tests and samples use)."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from models.training.evaluate import SEED, as_file, check_drawing
from models.training.scenes import Composer


def main(argv: list[str] | None = None) -> None:
    """Write scene-N.png for each index, and captions.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--side", type=int, default=256, help="in pixels")
    parser.add_argument("--scenes", type=int, nargs="+", default=list(range(8)), help="indices")
    options = parser.parse_args(argv)
    check_drawing()
    options.folder.mkdir(parents=True, exist_ok=True)
    composer = Composer(options.seed)
    captions = {}
    for index in options.scenes:
        scene = composer.scene(index, side=options.side)
        name = f"scene-{index}.png"
        (options.folder / name).write_bytes(as_file(scene))
        captions[name] = scene.caption
    text = json.dumps(captions, indent=2) + "\n"
    (options.folder / "captions.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
