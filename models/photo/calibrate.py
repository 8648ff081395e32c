"""Measures what is said of 227 labelled photographs that are in no test, to choose the settings.

    python -m models.photo.calibrate /usr/share/gcompris-qt/rcc [name=value ...]

The photographs are in Debian's package gcompris-qt-data, in Qt's resource files, as WebP and JPEG;
calibration.txt says what may be said of each. name=value tries another setting. Every second
photograph is in the first half, on which settings are chosen, the others confirm them. The models
are those of the site, and a photograph goes the site's way to them.
"""

from __future__ import annotations

import io
import json
import re
import struct
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image, UnidentifiedImageError

from models.photo import evaluate
from models.photo.wordnet import TREE
from pycore.recognition.describe import Description
from pycore.recognition.name_tree import NameTree
from pycore.recognition.settings import DEFAULTS

HERE = Path(__file__).resolve().parent
SMALLEST = 180
"""Pictures with a shorter side are icons."""


def pictures(path: Path) -> Iterator[Image.Image]:
    """Yield the opaque pictures of a resource file in their order: WebP first, then JPEG."""
    data = path.read_bytes()
    for mark in (b"RIFF", b"\xff\xd8\xff"):
        place = data.find(mark)
        while place >= 0:
            image = _picture(data, place, mark)
            if image is not None and min(image.size) >= SMALLEST:
                yield image
            place = data.find(mark, place + 4)


def _picture(data: bytes, place: int, mark: bytes) -> Image.Image | None:
    size = 4_000_000
    if mark == b"RIFF":
        size = struct.unpack_from("<I", data, place + 4)[0] + 8
        if data[place + 8 : place + 12] != b"WEBP" or size <= 12000:
            return None
    try:
        image = Image.open(io.BytesIO(data[place : place + size]))
        image.load()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        return None
    alpha = image.getchannel("A").getextrema()[0] if image.mode == "RGBA" else 255
    opaque = isinstance(alpha, (int, float)) and alpha > 250
    return image.convert("RGB") if opaque else None


def grade(tree: NameTree, description: Description, allowed: set[str]) -> str:
    """Return how good a caption is, given all that may be said."""
    text = description.sentences[0].text
    forms = {
        form: noun.word for noun in tree.nouns if noun for form in map(noun.count, range(1, 7))
    }
    said = [forms.get(part) for part in re.split(r", | and ", text.removeprefix("perhaps "))]
    if said == [None]:
        return "silent"
    right = all(word in allowed for word in said)
    if description.is_guess:
        return "doubtful, right" if right else "doubtful, wrong"
    return "right" if right else "wrong"


def main() -> None:
    """Print the captions that are wrong, and how many are what."""
    folder = Path(sys.argv[1])
    changes: dict[str, Any] = {
        name: float(value) for name, value in (argument.split("=") for argument in sys.argv[2:])
    }
    settings = replace(DEFAULTS, **changes)
    tree = NameTree.from_dict(json.loads(TREE.read_text(encoding="utf-8")))
    recognizer, halves = evaluate.recognizer(settings), (Counter[str](), Counter[str]())
    truths: dict[str, dict[int, set[str]]] = {}
    for line in (HERE / "calibration.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            place, _, names = line.partition(": ")
            file, _, count = place.partition(" ")
            truths.setdefault(file, {})[int(count)] = set(names.split(", "))
    for name, allowed in truths.items():
        for number, image in enumerate(pictures(folder / f"{name}.rcc")):
            if number in allowed:
                description = evaluate.describe(recognizer, image)
                result = grade(tree, description, allowed[number])
                halves[sum(half.total() for half in halves) % 2][result] += 1
                if result == "wrong":
                    print(f"{name} {number}: {description.sentences[0].text}")
    for name, grades in (
        ("first half", halves[0]),
        ("other half", halves[1]),
        ("all", sum(halves, Counter())),
    ):
        told = (f"{key}: {count} ({count / grades.total():.1%})" for key, count in grades.items())
        print(f"{name}, {grades.total()} photographs: {', '.join(told)}")


if __name__ == "__main__":
    main()
