"""What the tiny Florence-2 is asked, here and by the script that makes its reference fixtures."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

PROMPTS = {
    "caption": "What does the image describe?",
    "text": "What is the text in the image?",
}
DECODER_INPUT_IDS = [2, 0, 77, 130, 41]
MAX_NEW_TOKENS = 14
SEARCHES: tuple[dict[str, Any], ...] = (
    {"num_beams": 1},
    {"num_beams": 3, "num_return_sequences": 3},
    {"num_beams": 3, "length_penalty": 0.0, "max_new_tokens": 6},
    {"num_beams": 3, "early_stopping": False, "no_repeat_ngram_size": 0},
    {"num_beams": 1, "max_new_tokens": 2},
    {"num_beams": 2, "max_new_tokens": 1},
    {"num_beams": 1, "min_new_tokens": 10, "no_repeat_ngram_size": 2},
)


def images() -> list[Image.Image]:
    """Three pictures of coloured squares, of another size than the model wants them."""
    generator = np.random.default_rng(11)
    return [
        Image.fromarray(generator.integers(0, 256, (*size, 3), dtype=np.uint8)).resize((90, 70))
        for size in ((4, 5), (9, 7), (13, 20))
    ]
