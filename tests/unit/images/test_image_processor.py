"""ImageProcessor: equal to transformers, and strict about its configuration."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pycore.errors import ConfigurationError, ImageTooLargeError, UnsupportedModelError
from pycore.images.file import read_image
from pycore.images.processor import ImageProcessor
from tests.unit.images.image_samples import FIXTURES, encode, open_sample, pattern

CASES = json.loads((FIXTURES / "pixel_values.json").read_text(encoding="utf-8"))["cases"]
OFFICIAL = json.loads((FIXTURES / "vit-gpt2-image-captioning/preprocessor_config.json").read_text())
VIT = {"image_processor_type": "ViTImageProcessor"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["image"].replace("photos/", ""))
def test_equal_to_transformers(case: dict[str, Any]) -> None:
    """Expected values come from tests/fixtures/make_pixel_values.py."""
    pixel_values = ImageProcessor.from_config(case["config"])(open_sample(case["image"]))
    assert pixel_values.dtype == np.float32
    assert list(pixel_values.shape) == case["shape"]
    shown = pixel_values.ravel()[case["indices"]]
    assert np.abs(shown - np.array(case["values"], np.float32)).max() <= 1e-6
    assert hashlib.sha256(pixel_values.astype("<f4").tobytes()).hexdigest() == case["sha256"]


def test_there_are_enough_cases() -> None:
    official = [case["image"] for case in CASES if case["config"] == OFFICIAL]
    assert sum(image.endswith((".png", ".jpg")) for image in official) == 10
    assert len(CASES) > 60


def test_values_and_layout() -> None:
    image = Image.new("RGB", (30, 20), (0, 128, 255))
    pixel_values = ImageProcessor.from_config(OFFICIAL)(image)
    assert pixel_values.shape == (1, 3, 224, 224)
    assert pixel_values.flags.c_contiguous
    assert np.allclose(pixel_values[0, :, 100, 100], [-1, 2 * 128 / 255 - 1, 1], atol=1e-6)


def test_draft_decoding_changes_little() -> None:
    photo = open_sample("photos/kodim23.png").resize((3072, 2048), Image.Resampling.BICUBIC)
    processor = ImageProcessor.from_config(OFFICIAL)
    assert processor.target_size == (224, 224)
    data = encode(photo, "JPEG", quality=92)
    quick, full = (
        processor(read_image(data, target_size=size).pixels)
        for size in (processor.target_size, None)
    )
    # In levels of 0..255: values span 2 here.
    difference = np.abs(quick - full) * 127.5
    assert difference.mean() < 0.3
    assert difference.max() < 6


@pytest.mark.parametrize(
    ("config", "target"),
    [
        ({}, (224, 224)),
        ({"size": 30}, (30, 30)),
        ({"size": {"height": 3, "width": 4}}, (3, 4)),
        ({"size": {"shortest_edge": 7}}, (7, 7)),
        ({"do_resize": False}, None),
    ],
)
def test_target_size(config: dict[str, Any], target: tuple[int, int] | None) -> None:
    assert ImageProcessor.from_config({**VIT, **config}).target_size == target


def test_the_shortest_edge_keeps_the_aspect_ratio() -> None:
    processor = ImageProcessor.from_config({**VIT, "size": {"shortest_edge": 50}})
    assert processor(pattern(100, 301)).shape == (1, 3, 50, 150)
    assert processor(pattern(301, 100)).shape == (1, 3, 150, 50)


@pytest.mark.parametrize(
    "config",
    [
        {"image_processor_type": "BlipImageProcessor"},
        {"image_processor_type": None},
        {"image_processor_type": ["ViTImageProcessor"]},
        {"do_resize": "yes"},
        {"do_rescale": None},
        {"size": {"longest_edge": 224}},
        {"size": {"height": 224}},
        {"size": 0},
        {"size": -5},
        {"size": 224.0},
        {"size": True},
        {"size": 100_000},
        {"size": [224, 224, 3]},
        {"do_center_crop": True},
        {"do_center_crop": True, "crop_size": {"shortest_edge": 3}},
        {"resample": 9},
        {"resample": "bilinear"},
        {"resample": True},
        {"rescale_factor": None},
        {"rescale_factor": float("nan")},
        {"image_mean": [0.5, 0.5]},
        {"image_mean": ["a", "b", "c"]},
        {"image_std": [0.5, 0.0, 0.5]},
        {"image_std": None},
        {"do_pad": True},
        {"crop_pct": 0.9},
        {"data_format": "channels_last"},
        {"do_something_new": True},
    ],
    ids=str,
)
def test_what_cannot_be_honoured_is_refused(config: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedModelError, match="cannot run this model: it prepares") as caught:
        ImageProcessor.from_config({**VIT, **config})
    assert "preprocessor_config.json" in caught.value.detail


@pytest.mark.parametrize("config", [None, [], "x"])
def test_a_configuration_that_is_no_object_is_refused(config: object) -> None:
    with pytest.raises(UnsupportedModelError, match="cannot run this model: it prepares"):
        ImageProcessor.from_config(config)


def test_settings_without_effect_are_accepted() -> None:
    harmless = {"do_pad": False, "data_format": "channels_first", "do_convert_rgb": True}
    assert ImageProcessor.from_config({**VIT, **harmless}) == ImageProcessor.from_config(VIT)


def test_one_number_for_all_channels() -> None:
    processor = ImageProcessor.from_config({**VIT, "image_mean": 0.5, "image_std": 0.5})
    assert processor == ImageProcessor.from_config(VIT)


def test_an_image_too_narrow_for_its_shortest_edge_is_refused() -> None:
    processor = ImageProcessor.from_config(
        {"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 224}}
    )
    assert processor(Image.new("RGB", (1, 500))).shape == (1, 3, 224, 224)
    with pytest.raises(ImageTooLargeError, match="1 x 90000 pixels is too narrow"):
        processor(Image.new("RGB", (1, 90_000)))


def test_only_rgb_is_taken() -> None:
    with pytest.raises(ConfigurationError, match="takes RGB images, not L"):
        ImageProcessor.from_config(VIT)(Image.new("L", (4, 4)))
