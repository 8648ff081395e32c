"""Pictures as the inputs of the photograph models, and boxes back in the picture."""

from __future__ import annotations

import numpy as np
from PIL import Image

from pycore.recognition.boxes import Box
from pycore.recognition.inputs import boxes_in_image, crops_input, detector_input


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


def test_namer_sees_each_part_whole() -> None:
    image = Image.new("RGB", (300, 200), (50, 50, 50))
    image.paste((200, 200, 200), (100, 50, 200, 150))
    config = {"crop_size": {"height": 40, "width": 40}, "resample": 3}
    parts = [Box(110, 60, 190, 140), Box(0, 0, 300, 30)]
    inputs = crops_input(image, parts, {**config, "image_mean": 72, "image_std": 128})
    assert inputs.shape == (2, 3, 40, 40)
    assert inputs.dtype == np.float32
    assert (inputs[0] == 1).all()
    assert (inputs[1] == (50 - 72) / 128).all()
