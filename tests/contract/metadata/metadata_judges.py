"""What exiftool, exiv2, jpeginfo, pngcheck and webpinfo say of many files at once."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pycore.metadata import ImageWords
from tools import judges

SUFFIXES = {"jpeg": "jpg", "png": "png", "webp": "webp", "tiff": "tif"}
OURS = {
    "XMP-iptcCore:AltTextAccessibility": "alt_text",
    "XMP-iptcCore:ExtDescrAccessibility": "extended_description",
    "XMP-dc:Description": "description",
    "XMP-dc:Subject": "keywords",
    "XMP-photoshop:CaptionWriter": "caption_writer",
}
"""exiftool's names of the fields."""
ALSO_OURS = {
    "XMP-xmp:MetadataDate",
    "XMP-x:XMPToolkit",
    "IFD0:ImageDescription",
    "IPTC:Caption-Abstract",
    "IPTC:Keywords",
    "Photoshop:IPTCDigest",
    "File:CurrentIPTCDigest",
    # Where things are and how long, in a file that grew.
    "File:ExifByteOrder",
    "IFD0:StripOffsets",
    "RIFF:WebP_Flags",
    "RIFF:Copy1:ImageWidth",  # the extended header says it too
    "RIFF:Copy1:ImageHeight",
}
NOT_OF_THE_FILE = {"SourceFile", "ExifTool", "System", "File", "Composite"}


def save(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write files to a folder, named by their number, with the suffix of their format."""
    paths = []
    for number, (name, data) in enumerate(files.items()):
        path = folder / f"{number:03}.{SUFFIXES[name.split()[0]]}"
        path.write_bytes(data)
        paths.append(path)
    return paths


def exiftool(paths: Sequence[Path]) -> list[dict[str, Any]]:
    """Return all that exiftool finds, file by file: text or list of texts by group and name."""
    said = subprocess.run(
        [
            judges.ensure()["exiftool"], "-json", "-G1:4", "-a", "-struct", "-validate",
            "-warning", "-error", "-all", *map(str, paths),
        ],
        capture_output=True, check=False,
    )  # fmt: skip
    found: list[dict[str, Any]] = json.loads(said.stdout)
    return found


def words_of(found: Mapping[str, Any]) -> ImageWords:
    """Return what exiftool read as Seesay's fields."""
    values = {field: found.get(name, "") for name, field in OURS.items()}
    keywords = values.pop("keywords") or []
    texts = {field: str(value) for field, value in values.items()}
    several = keywords if isinstance(keywords, list) else [keywords]
    return ImageWords(**texts, keywords=tuple(map(str, several)))


def all_else(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what exiftool read of everything but Seesay's fields and the file itself."""
    return {
        name: value
        for name, value in found.items()
        if name not in OURS
        and name not in ALSO_OURS
        and name.partition(":")[0] not in NOT_OF_THE_FILE
    }


def complaints(found: Mapping[str, Any]) -> list[str]:
    """Return exiftool's warnings and errors about a file, sorted."""
    signs = ("ExifTool:Warning", "ExifTool:Error", "ExifTool:Copy")
    return sorted(str(value) for name, value in found.items() if name.startswith(signs))


def exiv2(paths: Sequence[Path]) -> dict[str, dict[str, list[str]]]:
    """Return the XMP that exiv2 reads: texts by key, by file name."""
    said = subprocess.run(
        [judges.ensure()["exiv2"], "-PXkt", *map(str, paths)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    found: dict[str, dict[str, list[str]]] = {path.name: {} for path in paths}
    for line in said.stdout.splitlines():
        place, _, rest = line.partition("Xmp.")
        key, _, value = rest.partition(" ")
        name = Path(place.strip()).name
        if name in found:
            found[name].setdefault(key, []).append(value.strip())
    return found


def verdicts(paths: Sequence[Path]) -> dict[str, str]:
    """Return what the judge of each format complains of, by file name; empty if of nothing."""
    found = {}
    tools = judges.ensure()
    for suffix, command in (
        (".jpg", [tools["jpeginfo"], "-c"]),
        (".png", [tools["pngcheck"], "-q"]),
        (".webp", [tools["webpinfo"], "-quiet"]),
    ):
        for path in (path for path in paths if path.suffix == suffix):
            said = subprocess.run([*command, path], capture_output=True, text=True, check=False)
            text = said.stdout + said.stderr
            if suffix == ".jpg":
                text = text[text.find("ERROR") :] if " OK " not in text else ""
            found[path.name] = text.replace(str(path), path.name)
    return found
