"""Reading pictures of known words, with the very files that the site ships."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageFilter

from models.photo.evaluate import PHOTOGRAPHS
from models.reading import ACCENTED, PAGES, in_shade, page, read, same
from pycore.images.readable_size import readable


def test_a_page_of_known_text(tmp_path: Path) -> None:
    found = read(page(PAGES["eng"]), "eng", tmp_path)
    assert same(found, PAGES["eng"]) >= 0.98, found


@pytest.mark.skipif(not ACCENTED.is_file(), reason="needs the Debian package fonts-dejavu-core")
@pytest.mark.parametrize("language", PAGES)
def test_pages_in_other_languages(language: str, tmp_path: Path) -> None:
    found = read(page(PAGES[language], typeface=ACCENTED), language, tmp_path)
    assert same(found, PAGES[language]) >= 0.98, found


def test_white_on_dark(tmp_path: Path) -> None:
    found = read(page(PAGES["eng"], ink="#e8e8e8", paper="#15202b"), "eng", tmp_path)
    assert same(found, PAGES["eng"]) >= 0.98, found


def test_small_type_as_on_screens(tmp_path: Path) -> None:
    found = read(page(PAGES["eng"], size=14), "eng", tmp_path)
    assert same(found, PAGES["eng"]) >= 0.95, found


def test_a_photographed_page_in_shade(tmp_path: Path) -> None:
    shaded = in_shade(page(PAGES["eng"], size=20))
    found = read(readable(shaded), "eng", tmp_path)
    assert same(found, PAGES["eng"]) >= 0.95, found


def test_a_picture_without_text_gets_none(tmp_path: Path) -> None:
    noise = Image.effect_noise((400, 300), 90).filter(ImageFilter.GaussianBlur(3)).convert("RGB")
    assert read(noise, "eng", tmp_path) == ""


@pytest.mark.parametrize("name", ["kodim02.png", "kodim07.png", "skimage_rocket.jpg"])
def test_a_photograph_without_text_gets_none(name: str, tmp_path: Path) -> None:
    assert read(Image.open(PHOTOGRAPHS / name).convert("RGB"), "eng", tmp_path) == ""
