"""Paper in shade is lit evenly; screens, photographs and even paper stay as they are."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from pycore.images.even_light import even_light
from pycore.images.readable_size import readable

HEIGHT, WIDTH = 300, 1000


def lines(paper: np.ndarray, ink: float = 0.2) -> Image.Image:
    """Strokes on paper whose brightness, 0 to 255, is given by column or by pixel."""
    page = np.broadcast_to(paper, (HEIGHT, WIDTH)).astype(np.float64).copy()
    for top in range(20, HEIGHT - 20, 40):
        for left in range(20, WIDTH - 20, 12):
            page[top : top + 16, left : left + 3] *= ink
    return Image.fromarray(np.clip(page, 0, 255).astype(np.uint8)).convert("RGB")


def test_paper_in_shade_becomes_white_and_its_ink_stays_dark() -> None:
    lit = even_light(lines(np.linspace(70, 230, WIDTH)))
    pixels = np.asarray(lit)[..., 0]
    assert (lit.mode, lit.size) == ("RGB", (WIDTH, HEIGHT))
    assert pixels[10].min() > 225
    assert pixels[25, 20:-20:12].max() < 80


@pytest.mark.parametrize(
    "image",
    [
        lines(np.full(WIDTH, 255.0)),
        lines(np.linspace(215, 255, WIDTH)),
        lines(np.where(np.arange(WIDTH) < 300, 40.0, 250.0)),  # a dark bar on a screen
        lines(np.linspace(10, 60, WIDTH), ink=4.0),  # light on dark
        Image.new("RGB", (1, 1)),
        Image.new("RGB", (4000, 33)),
    ],
)
def test_what_is_no_shaded_paper_stays_as_it_is(image: Image.Image) -> None:
    assert even_light(image) is image


def test_what_is_read_is_lit_evenly() -> None:
    shaded = lines(np.linspace(70, 230, WIDTH))
    assert np.array_equal(np.asarray(readable(shaded)), np.asarray(even_light(shaded)))
