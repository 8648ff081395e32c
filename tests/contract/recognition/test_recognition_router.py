from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image, ImageDraw

from pycore.errors import AssetError
from pycore.recognition.image_statistics import NAMES, measure
from pycore.recognition.router import KINDS, Router

ROUTER = Path(__file__).parents[3] / "models" / "photo" / "router.json"


def _page() -> np.ndarray:
    """Black strokes in lines on white."""
    page = np.full((300, 400, 3), 255, np.uint8)
    rng = np.random.default_rng(1)
    for top in range(20, 280, 20):
        page[top : top + 8, 20:380][:, rng.random(360) < 0.4] = 0
    return page


def _drawing() -> np.ndarray:
    drawing = np.full((128, 128, 3), (30, 160, 60), np.uint8)
    drawing[30:90, 40:100] = (220, 40, 40)
    return drawing


def _photograph() -> np.ndarray:
    """Gradual changes with noise."""
    rng = np.random.default_rng(2)
    slope = np.linspace(20, 200, 256)[:, None, None] + np.linspace(0, 40, 320)[None, :, None]
    return np.clip(slope + rng.normal(0, 6, (256, 320, 3)), 0, 255).astype(np.uint8)


def _value(pixels: np.ndarray, name: str) -> float:
    return float(measure(pixels)[NAMES.index(name)])


def test_the_statistics_tell_samples_apart() -> None:
    page, drawing, photograph = _page(), _drawing(), _photograph()
    assert _value(drawing, "equal") > 0.95
    assert _value(photograph, "equal") < 0.2
    assert _value(photograph, "noisy") > 0.5 > _value(drawing, "noisy")
    assert _value(page, "line_gaps") > 0.4 > _value(photograph, "line_contrast") / 2
    assert _value(page, "white") > 0.7
    assert _value(drawing, "first_colour") > 0.5 > _value(photograph, "first_colour")


def test_flat_and_busy_blocks_are_told_apart_at_the_edge_too() -> None:
    picture = np.full((90, 90, 3), 128, np.uint8)  # its last blocks are two pixels wide
    picture[:, :48] = np.random.default_rng(3).choice((0, 255), (90, 48, 1))
    assert _value(picture, "mean_flat_blocks") == 0.5
    assert _value(picture, "mean_busy_blocks") == 0.5


@given(
    arrays.arrays(
        np.uint8, st.tuples(st.integers(2, 40), st.integers(2, 40), st.just(3)), fill=st.just(7)
    )
)
def test_statistics_are_shares_whatever_the_picture(pixels: np.ndarray) -> None:
    values = measure(pixels)
    assert values.shape == (len(NAMES),)
    assert values.dtype == np.float32
    assert np.isfinite(values).all()
    assert (values >= -1e-6).all()
    assert (values <= 1.2).all()


def _data() -> dict[str, object]:
    """A router that goes by two statistics: equal neighbours for drawings, white for pages."""
    units = ("equal", "white")
    hidden = np.zeros((len(NAMES), len(units)))
    for unit, name in enumerate(units):
        hidden[NAMES.index(name), unit] = 1
    weights = np.zeros((len(units), len(KINDS)))
    weights[0, KINDS.index("drawing")] = 9
    weights[1, KINDS.index("text")] = 30
    return {
        "kinds": list(KINDS),
        "statistics": list(NAMES),
        "mean": [0.0] * len(NAMES),
        "deviation": [1.0] * len(NAMES),
        "hidden_weights": hidden.tolist(),
        "hidden_bias": [0.0, 0.0],
        "weights": weights.tolist(),
        "bias": [-4.0, 0.0, -8.0],
    }


def test_the_likeliest_kind_is_chosen() -> None:
    router = Router.from_dict(_data())
    assert [router.kind(pixels) for pixels in (_drawing(), _photograph(), _page())] == list(KINDS)
    shares = router.shares(_page())
    assert sum(shares.values()) == pytest.approx(1)


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 50, 3), (50, 1, 3), (3000, 2, 3)])
def test_pictures_of_odd_sizes_are_of_some_kind(shape: tuple[int, int, int]) -> None:
    assert Router.from_dict(_data()).kind(np.zeros(shape, np.uint8)) in KINDS


@pytest.mark.parametrize(
    "change",
    [
        {"statistics": ["equal"]},
        {"kinds": ["cat"]},
        {"weights": [[1, 2, 3]]},
        {"mean": "?"},
        {"hidden_bias": [1, 2, 3]},
        {"bias": [1, 2]},
    ],
)
def test_numbers_of_another_version_are_an_asset_error(change: dict[str, object]) -> None:
    with pytest.raises(AssetError, match="drawings"):
        Router.from_dict({**_data(), **change})


def test_a_few_flat_shapes_are_no_page_of_text() -> None:
    router = Router.from_dict(json.loads(ROUTER.read_text(encoding="utf-8")))
    image = Image.new("RGB", (320, 240), "#bfe3ff")
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 160, 320, 240), fill="#5fae57")
    pen.ellipse((240, 20, 288, 68), fill="#ffd23f")
    assert router.kind(np.asarray(image)) == "drawing"
