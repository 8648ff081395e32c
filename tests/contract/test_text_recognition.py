"""Reading pictures of known words, with the very files that the site ships."""

from __future__ import annotations

import difflib
import json
import subprocess
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from pycore.captioning.text_in_image import believed, lines_of
from tools import npm, tessdata

PAGES = {
    "eng": [
        "The quick brown fox jumps over the lazy dog, twice.",
        "Invoice 4711 of 27 November 2026: 3 chairs, 148.50 each.",
        "Reading is what a screen reader does aloud; alt text",
        "tells it what a picture shows. Write to us by Friday.",
    ],
    "deu": [
        "Der schnelle braune Fuchs springt über den faulen Hund.",
        "Größe, Maß und Gewicht stehen auf der Rückseite.",
        "Öffnungszeiten: Montag bis Freitag von 9 bis 18 Uhr.",
    ],
    "fra": [
        "Le café est fermé le dimanche et les jours fériés.",
        "Veuillez garder votre reçu pour tout échange.",
        "Où se trouve la gare la plus proche de la forêt?",
    ],
    "spa": [
        "El niño mañana compra pan en la panadería.",
        "La estación está cerrada los días de fiesta.",
        "Escriba su dirección y su número de teléfono.",
    ],
}


# Pillow's own typeface has no letters beyond English ones.
ACCENTED = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")


def page(
    lines: list[str],
    *,
    size: int = 22,
    ink: str = "black",
    paper: str = "white",
    typeface: Path | None = None,
) -> Image.Image:
    """Draw lines of text in black on white, or as asked for."""
    font = ImageFont.truetype(typeface, size) if typeface else ImageFont.load_default(size)
    width = int(size * 0.62 * max(map(len, lines))) + 80
    image = Image.new("RGB", (width, 2 * size * len(lines) + 60), paper)
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        draw.text((40, 30 + 2 * size * number), line, fill=ink, font=font)
    return image


def read(image: Image.Image, language: str, folder: Path) -> str:
    """Return the believed words, and see that a second reading gives the same."""
    pixels = folder / "pixels"
    pixels.write_bytes(image.convert("RGBA").tobytes())
    command: list[str | Path] = [
        npm.node(), Path(__file__).with_name("read_text.mjs"),
        npm.package("tesseract-wasm") / "dist", tessdata.ensure()[language], pixels,
        str(image.width), str(image.height),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    first, second = json.loads(done.stdout)
    assert first == second
    found = [(line["text"], line["confidence"], line["box"]) for line in first]
    return believed(lines_of(found), language).text


def same(found: str, wanted: list[str]) -> float:
    """Return the share of characters that were read right."""
    text = "\n".join(wanted)
    blocks = difflib.SequenceMatcher(None, found, text, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) / max(len(text), len(found))


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


def test_a_picture_without_text_gets_none(tmp_path: Path) -> None:
    noise = Image.effect_noise((400, 300), 90).filter(ImageFilter.GaussianBlur(3)).convert("RGB")
    assert read(noise, "eng", tmp_path) == ""
