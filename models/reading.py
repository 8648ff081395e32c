"""Pages of known words, read with the very files that the site ships: ``build.py evaluate``."""

from __future__ import annotations

import difflib
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from pycore.captioning.text_in_image import RecognizedText, believed, lines_of
from tools import npm, tessdata
from tools.project import ROOT

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


SCRIPT = ROOT / "tests" / "contract" / "recognition" / "read_text.mjs"

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


def in_shade(drawn: Image.Image) -> Image.Image:
    """Show a page as a camera does: from the side, half of it in shade, with noise."""
    width, height = drawn.size
    tilted = drawn.transform(
        drawn.size, Image.Transform.PERSPECTIVE, (1.0, 0.03, -8, 0.01, 1.04, -4, 0.00002, 0.0001),
        Image.Resampling.BICUBIC, fillcolor="white",
    )  # fmt: skip
    across = np.linspace(0, 1, width)
    shade = (1 - 0.72 / (1 + np.exp(14 * (across - 0.45))))[np.newaxis, :, np.newaxis]
    noise = np.random.default_rng(7).normal(0, 4, (height, width, 1))
    seen = np.clip(np.asarray(tilted, np.float64) * shade * 0.9 + noise, 0, 255)
    return Image.fromarray(seen.astype(np.uint8))


def read(image: Image.Image, language: str, folder: Path) -> str:
    """Return the believed words, and see that a second reading gives the same."""
    return recognise(image, language, folder).text


def recognise(image: Image.Image, language: str, folder: Path) -> RecognizedText:
    """Return what is read in a picture; see ``read``."""
    pixels = folder / "pixels"
    pixels.write_bytes(image.convert("RGBA").tobytes())
    command: list[str | Path] = [
        npm.node(), SCRIPT,
        npm.package("tesseract-wasm") / "dist", tessdata.ensure()[language], pixels,
        str(image.width), str(image.height),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    first, second = json.loads(done.stdout)
    if first != second:
        raise RuntimeError("a second reading gives other words")
    found = [(line["text"], line["confidence"], line["box"]) for line in first]
    return believed(lines_of(found), language)


def same(found: str, wanted: list[str]) -> float:
    """Return the share of characters that were read right."""
    text = "\n".join(wanted)
    blocks = difflib.SequenceMatcher(None, found, text, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) / max(len(text), len(found))


def main() -> int:
    """Print the share of characters that are read right, by language; 1 where it is below 98 %."""
    npm.ensure("site")
    typeface = ACCENTED if ACCENTED.is_file() else None
    good = True
    for language, lines in PAGES.items():
        if language != "eng" and typeface is None:
            print(f"text {language}: not measured (needs the Debian package fonts-dejavu-core)")
            continue
        with tempfile.TemporaryDirectory() as folder:
            share = same(read(page(lines, typeface=typeface), language, Path(folder)), lines)
        print(f"text {language}: {share:.1%} of {len(chr(10).join(lines))} characters read right")
        good &= share >= 0.98
    print("text meets its aim" if good else "text MISSES its aim")
    return 0 if good else 1
