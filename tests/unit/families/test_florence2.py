"""What is read from a Florence-2's config.json, and what is refused."""

from __future__ import annotations

import pytest

from pycore.errors import UnsupportedModelError
from pycore.families.florence2 import Florence2, davit_shape

VISION = {
    "patch_stride": [4, 2, 2, 2],
    "depths": [1, 1, 9, 1],
    "window_size": 12,
    "image_feature_source": ["spatial_avg_pool", "temporal_avg_pool"],
}


def test_the_grid_and_the_shape() -> None:
    config = {"vision_config": VISION}
    assert Florence2().patch_grid(config, (768, 768)) == (24, 24)
    assert davit_shape(config, (768, 768)).depths == (1, 1, 9, 1)


@pytest.mark.parametrize("name", ["patch_stride", "depths", "window_size"])
@pytest.mark.parametrize(
    "value", [None, "x", [], {}, 0, -1, [0], [None], [[1]], [1.5], [2**70], float("inf")]
)
def test_numbers_that_are_none_are_the_models_fault(name: str, value: object) -> None:
    config = {"vision_config": {**VISION, name: value}}
    with pytest.raises(UnsupportedModelError, match="how its vision encoder is built"):
        davit_shape(config, (768, 768))
    if name == "patch_stride":
        with pytest.raises(UnsupportedModelError, match="how its vision encoder is built"):
            Florence2().patch_grid(config, (768, 768))
