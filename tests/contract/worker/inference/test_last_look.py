"""Who asks again about an image gets what was seen in it, and nothing of another one."""

from __future__ import annotations

import numpy as np

from worker.inference.last_look import LastLook


def test_only_the_same_image_is_recalled() -> None:
    look = LastLook()
    image = np.arange(12, dtype=np.float32).reshape(1, 3, 2, 2)
    other = image.copy()
    other[0, 0, 0, 0] = 9
    seen = np.ones((1, 5, 4), dtype=np.float32)
    assert look.recall(image) is None
    look.remember(image, seen)
    assert look.recall(image.copy()) is seen
    assert look.recall(other) is None
    assert look.recall(np.concatenate([image, image])) is None
    look.remember(other, seen)
    assert look.recall(image) is None
    look.forget()
    assert look.recall(other) is None
