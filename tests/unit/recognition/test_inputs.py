"""Pictures as the inputs of the photograph models, and boxes back in the picture."""

from __future__ import annotations

import numpy as np
from PIL import Image

from pycore.recognition.inputs import boxes_in_image, detector_input, namer_input


def test_detector_sees_the_whole_picture_on_black() -> None:
    image = Image.new("L", (300, 150), 50)
    image.paste(200, (100, 50, 200, 100))
    config = {"size": {"height": 64, "width": 64}, "resample": 2}
    whole = detector_input(image, config)
    assert whole.shape == (1, 3, 64, 64)
    assert whole.dtype == np.float32
    assert (whole[0, :, :16] == 0).all()
    assert (whole[0, :, 48:] == 0).all()
    assert (whole[0, :, 16:20] == 50).all()
    assert (whole[0, :, 32, 32] == 200).all()
    detections = np.array([[0, 16, 32, 48, 0.5, 7], [-5, 0, 80, 64, 0.4, 8]], np.float32)
    expected = [[0, 0, 150, 150, 0.5, 7], [0, 0, 300, 150, 0.4, 8]]
    assert np.allclose(boxes_in_image(detections, image.size, config), expected)


def test_namer_sees_the_middle() -> None:
    image = Image.new("L", (300, 200), 50)
    image.paste(200, (100, 50, 200, 150))
    config = {"size": {"shortest_edge": 100}, "crop_size": {"height": 40, "width": 40}}
    middle = namer_input(image, {**config, "resample": 3, "image_mean": 72, "image_std": 128})
    assert middle.shape == (1, 3, 40, 40)
    assert middle.dtype == np.float32
    assert (middle == 1).all()


def test_namer_takes_very_long_pictures() -> None:
    config = {"size": {"shortest_edge": 256}, "crop_size": {"height": 224, "width": 224}}
    line = Image.new("RGB", (60_000, 1), (72, 72, 72))
    middle = namer_input(line, {**config, "resample": 3, "image_mean": 72, "image_std": 128})
    assert middle.shape == (1, 3, 224, 224)
    assert (middle == 0).all()
