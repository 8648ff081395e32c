"""The photograph models against their originals in PyTorch and TensorFlow.js.

The expected values come from tests/fixtures/make_photo_fixtures.py.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from PIL import Image

from models.photo import build
from pycore.recognition.inputs import detector_input
from tests.parity.photo_cases import middle_input
from tools import npm
from tools.project import cache_dir

ROOT = Path(__file__).parents[2]
MODELS = ROOT / "models" / "photo"
CONFIG = json.loads((MODELS / "config.json").read_text("utf-8"))
LABELS = json.loads((MODELS / "labels.json").read_text("utf-8"))
REFERENCE = np.load(ROOT / "tests" / "fixtures" / "photo" / "reference.npz")
PHOTOS = [str(name) for name in REFERENCE["names"]]
LEAST_SCORE = 0.2  # of detections that are compared


def photo(name: str) -> Image.Image:
    return Image.open(ROOT / "tests" / "fixtures" / "photos" / name)


def run(model: str | bytes, values: NDArray[np.float32]) -> NDArray[np.float32]:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    (node,) = session.get_inputs()
    results = [session.run(None, {node.name: value[np.newaxis]})[0] for value in values]
    return np.concatenate(results)


@pytest.fixture(scope="module")
def namer_inputs() -> NDArray[np.float32]:
    return np.concatenate([middle_input(photo(name), CONFIG["namer"]) for name in PHOTOS])


@pytest.fixture(scope="module")
def detector_inputs() -> NDArray[np.float32]:
    return np.concatenate([detector_input(photo(name), CONFIG["detector"]) for name in PHOTOS])


def probabilities(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares: NDArray[np.float32] = powers / powers.sum(axis=-1, keepdims=True)
    return shares


def overlaps(box: NDArray[np.float32], boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Intersection over union of a box with each of others."""
    sides = np.minimum(box[2:4], boxes[:, 2:4]) - np.maximum(box[:2], boxes[:, :2])
    shared = np.maximum(sides, 0).prod(axis=1)
    areas = [(item[..., 2:4] - item[..., :2]).prod(axis=-1) for item in (box, boxes)]
    ratio: NDArray[np.float32] = shared / (areas[0] + areas[1] - shared)
    return ratio


def assert_detections(
    found: NDArray[np.float32], *, score_error: float, least_overlap: float
) -> None:
    """Each detection of the original has its like: class, score and place."""
    compared = 0
    for expected, actual in zip(REFERENCE["detections"], found, strict=True):
        assert (np.diff(actual[:, 4]) <= 0).all()
        for row in expected[expected[:, 4] > LEAST_SCORE]:
            same = actual[actual[:, 5] == row[5]]
            matches = overlaps(row, same)
            assert matches.max() >= least_overlap
            assert abs(same[matches.argmax(), 4] - row[4]) <= score_error
            compared += 1
    assert compared == 23


def test_namer(namer_inputs: NDArray[np.float32]) -> None:
    """The same first class each time; the rest as near as rounded weights come."""
    logits = run(str(MODELS / CONFIG["namer"]["file"]), namer_inputs)
    expected = REFERENCE["namer_logits"]
    assert (logits.argmax(axis=1) == expected.argmax(axis=1)).all()
    assert np.abs(logits - expected).mean() < 0.05
    np.testing.assert_allclose(probabilities(logits), probabilities(expected), atol=0.06)


def test_detector(detector_inputs: NDArray[np.float32]) -> None:
    found = run(str(MODELS / CONFIG["detector"]["file"]), detector_inputs)
    assert_detections(found, score_error=0.01, least_overlap=0.99)


@pytest.mark.parametrize(
    ("name", "wnid", "least"),
    [
        ("kodim23.png", "n01818515", 0.9),  # macaw
        ("skimage_coffee.png", "n07920052", 0.9),  # espresso
        ("skimage_camera.png", "n04485082", 0.9),  # tripod
    ],
)
def test_classes_are_in_order(name: str, wnid: str, least: float) -> None:
    logits = run(str(MODELS / CONFIG["namer"]["file"]), middle_input(photo(name), CONFIG["namer"]))
    assert probabilities(logits)[0][LABELS["namer"].index(wnid)] > least


def test_labels_fit_the_models() -> None:
    for kind, count in (("detector", 80), ("namer", 1000)):
        assert len(set(LABELS[kind])) == len(LABELS[kind]) == count
    assert LABELS["namer"] == sorted(LABELS["namer"])  # the order of ImageNet's classes


def test_models_are_small() -> None:
    sizes = [(MODELS / CONFIG[kind]["file"]).stat().st_size for kind in ("detector", "namer")]
    assert sum(sizes) < 8_000_000


def original(kind: str) -> Path:
    """Skip unless the original is in the cache: no test fetches anything."""
    path = {
        "detector": npm.modules_dir() / "@vladmandic" / "human-models" / ".seesay-integrity",
        "namer": cache_dir() / "wheels" / "efficientnet-lite0-57934424.pth",
    }[kind]
    if not path.is_file():
        pytest.skip("python -m models.photo.build has not fetched the originals")
    return path


@pytest.mark.parametrize("kind", ["detector", "namer"])
def test_committed_files_are_what_the_build_makes(kind: str) -> None:
    original(kind)
    model: onnx.ModelProto = getattr(build, f"make_{kind}")(getattr(build, kind.upper()))
    assert model.SerializeToString() == (MODELS / CONFIG[kind]["file"]).read_bytes()
    assert build.configuration(build.DETECTOR, build.NAMER) == CONFIG


def test_unrounded_detector_is_the_original(detector_inputs: NDArray[np.float32]) -> None:
    original("detector")
    model = build.make_detector(build.DETECTOR, keep_float=True)
    found = run(model.SerializeToString(), detector_inputs)
    assert_detections(found, score_error=1e-5, least_overlap=0.9999)


def test_unrounded_namer_is_the_original(namer_inputs: NDArray[np.float32]) -> None:
    original("namer")
    model = build.make_namer(build.NAMER, keep_float=True)
    logits = run(model.SerializeToString(), namer_inputs)
    np.testing.assert_allclose(logits, REFERENCE["namer_logits"], atol=1e-4)
