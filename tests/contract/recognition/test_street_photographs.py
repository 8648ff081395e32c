"""In streets nothing is read that does not stand there, by the very reader that the site ships."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from models.photo import evaluate
from models.reading import in_shade, recognise
from pycore.images.file import read_image
from pycore.images.readable_size import DECODE_AT, readable
from tools.project import ROOT

TOWERS = (ROOT / "tests" / "fixtures" / "streets" / "towers_at_night.jpg").read_bytes()
SIGN = "BAKERY"


def street(sign: str) -> Image.Image:
    """Return a house as a camera shows it: bricks, windows, railings, paving, a sign if any."""
    rng = np.random.default_rng(11)
    image = Image.new("RGB", (900, 675), "#8a5a44")
    pen = ImageDraw.Draw(image)
    for y in range(0, 540, 12):  # bricks, half of them set off
        for x in range(-30 + 15 * (y // 12 % 2), 900, 30):
            tone = int(rng.integers(-18, 18))
            pen.rectangle((x, y, x + 27, y + 9), fill=(150 + tone, 92 + tone, 70 + tone))
    for y in (40, 190):
        for x in range(60, 860, 160):  # windows with bars, and railings before them
            pen.rectangle((x, y, x + 90, y + 110), fill="#26323c", outline="#e8e2d4", width=6)
            pen.line((x + 45, y, x + 45, y + 110), fill="#e8e2d4", width=5)
            pen.line((x, y + 50, x + 90, y + 50), fill="#e8e2d4", width=5)
            for bar in range(x - 10, x + 105, 9):
                pen.line((bar, y + 80, bar, y + 122), fill="#141414", width=2)
    pen.rectangle((250, 350, 650, 420), fill="#f2ead8", outline="#3a2a1c", width=5)
    pen.text((450, 385), sign, "#3a2a1c", ImageFont.load_default(48), anchor="mm")
    pen.rectangle((290, 430, 610, 540), fill="#1d2730", outline="#3a2a1c", width=8)
    for y in range(540, 675, 27):  # paving
        for x in range(-40 + 20 * (y // 27 % 2), 900, 40):
            tone = int(rng.integers(120, 165))
            pen.rectangle((x, y, x + 37, y + 24), fill=(tone, tone, tone))
    return in_shade(image)


def test_towers_of_windows_are_a_photograph_without_words(tmp_path: Path) -> None:
    kind = evaluate.router().kind(np.asarray(evaluate.decode(TOWERS).pixels))
    assert kind == "photograph"  # so that nobody reads it unasked
    picture = readable(read_image(TOWERS, target_size=DECODE_AT).pixels)
    assert recognise(picture, "eng", tmp_path).text == ""  # and whoever asks, finds none


@pytest.mark.parametrize("sign", ["", SIGN])
def test_of_a_street_nothing_is_read_but_what_stands_there(sign: str, tmp_path: Path) -> None:
    found = recognise(readable(street(sign)), "eng", tmp_path).text
    assert found in {"", sign}
