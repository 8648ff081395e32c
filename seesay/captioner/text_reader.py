"""Reading text with the command ``tesseract``, where it is installed."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from collections.abc import Iterator
from itertools import groupby
from statistics import fmean

from pycore.captioning.text_in_image import RecognizedText, TextLine, believed
from pycore.errors import AssetError, InferenceError
from pycore.images.readable_size import DECODE_AT, readable
from seesay.captioner.image_reader import read_anyhow

COMMAND = "tesseract"
_TIMEOUT_S = 120
_PLACE = ("page_num", "block_num", "par_num", "line_num")


def read_text(data: bytes, language: str) -> RecognizedText:
    """Read the words in an image file.

    Args:
        data: the file.
        language: Tesseract's code.

    Raises:
        InputError: the image cannot be used.
        AssetError: Tesseract is not installed.
        InferenceError: it fails, or lacks the language.
    """
    command = shutil.which(COMMAND)
    if command is None:
        raise AssetError(
            "The words in this picture could not be read: the command tesseract is not installed."
        )
    file = io.BytesIO()
    readable(read_anyhow(data, DECODE_AT).pixels).save(file, "BMP")
    try:
        done = subprocess.run(
            [command, "stdin", "stdout", "-l", language, "tsv"],
            input=file.getvalue(),
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise InferenceError(
            "The words in this picture could not be read: tesseract failed. Is its language "
            f"{language} installed?",
            detail=repr(error),
        ) from error
    return believed(lines_of_tsv(done.stdout.decode("utf-8", "replace")), language)


def lines_of_tsv(table: str) -> Iterator[TextLine]:
    """Yield the lines of Tesseract's TSV, whose rows are words.

    Source: Tesseract 5, ``TessBaseAPI::GetTSVText``; a row that is no word has confidence -1.
    """
    rows = csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE)
    words = [row for row in rows if float(row["conf"]) >= 0 and (row["text"] or "").strip()]
    for _, group in groupby(words, lambda row: [row[name] for name in _PLACE]):
        line = [*group]
        boxes = [[int(row[name]) for name in ("left", "top", "width", "height")] for row in line]
        yield TextLine(
            " ".join(row["text"].strip() for row in line),
            fmean(float(row["conf"]) / 100 for row in line),
            (
                min(left for left, _, _, _ in boxes),
                min(top for _, top, _, _ in boxes),
                max(left + width for left, _, width, _ in boxes),
                max(top + height for _, top, _, height in boxes),
            ),
        )
