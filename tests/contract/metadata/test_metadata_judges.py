"""Other programs read every word that Seesay wrote, and find nothing wrong with the files."""

from __future__ import annotations

import datetime as dt
import subprocess
from dataclasses import replace

import pytest

from pycore.metadata import (
    ImageWords,
    WritePolicy,
    read_metadata,
    remove_metadata,
    write_metadata,
    xmp_sidecar,
)
from tests.contract.metadata import metadata_judges as judge
from tests.unit.metadata.metadata_samples import FOREIGN_XMP, WORDS, decoded, samples
from tools import judges

SAMPLES = samples()
POLICY = WritePolicy(date=dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC))
LONG = replace(WORDS, extended_description="long " * 19_000 + "end", description="d" * 70_000)
WRITTEN = {
    **{name: write_metadata(data, WORDS, POLICY) for name, data in SAMPLES.items()},
    "jpeg long": write_metadata(SAMPLES["jpeg"], LONG, POLICY),
}
REMOVED = {name: remove_metadata(WRITTEN[name]) for name in SAMPLES}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """All that the judges say, asked once: before, after, and once the words are out again."""
    sets = {"before": SAMPLES, "after": WRITTEN, "removed": REMOVED}
    paths = {name: judge.save(tmp_path_factory.mktemp(name), files) for name, files in sets.items()}
    said = judge.exiftool([path for group in paths.values() for path in group])
    by_path = {one["SourceFile"]: one for one in said}
    return {
        "exiftool": {
            group: dict(
                zip(sets[group], (by_path[str(path)] for path in paths[group]), strict=True)
            )
            for group in sets
        },
        "exiv2": dict(zip(WRITTEN, judge.exiv2(paths["after"]).values(), strict=True)),
        "verdicts": {group: judge.verdicts(paths[group]) for group in sets},
    }


def test_exiftool_reads_every_field(found) -> None:
    for name, data in WRITTEN.items():
        said = found["exiftool"]["after"][name]
        assert judge.words_of(said) == read_metadata(data), name
        assert said["XMP-xmp:MetadataDate"] == "2026:01:02 03:04:05+00:00"
        if "IFD0:ImageDescription" in said and "all" not in name:
            assert said["IFD0:ImageDescription"] == WORDS.description
    iim = found["exiftool"]["after"]["jpeg all"]
    assert iim["IPTC:Caption-Abstract"] == WORDS.description
    assert iim["IPTC:Keywords"] == ["sea", *WORDS.keywords]
    assert iim["Photoshop:IPTCDigest"] == iim["File:CurrentIPTCDigest"]


def test_exiv2_reads_every_field(found) -> None:
    for name, said in found["exiv2"].items():
        assert said["iptc.AltTextAccessibility"] == [f'lang="x-default" {WORDS.alt_text}'], name
        if name != "jpeg long":  # exiv2 does not look into the second packet
            assert said["dc.description"] == [f'lang="x-default" {WORDS.description}'], name
        assert said["photoshop.CaptionWriter"] == [WORDS.caption_writer], name
        assert {"dog", "cat", "Straße"} <= set(said["dc.subject"][0].split(", ")), name


def test_all_other_metadata_stay(found) -> None:
    for name in SAMPLES:
        before = judge.all_else(found["exiftool"]["before"][name])
        for group in ("after", "removed"):
            assert judge.all_else(found["exiftool"][group][name]) == before, (name, group)


def test_no_judge_finds_what_was_not_there_before(found) -> None:
    for name in SAMPLES:
        before = judge.complaints(found["exiftool"]["before"][name])
        for group in ("after", "removed"):
            assert judge.complaints(found["exiftool"][group][name]) == before, (name, group)
    before = found["verdicts"]["before"]
    assert len(before) >= 15
    for group in ("after", "removed"):
        for path, text in before.items():
            assert found["verdicts"][group][path] == text, (group, path)
    assert found["verdicts"]["after"][f"{len(SAMPLES):03}.jpg"] == ""


def test_pixels_are_the_same() -> None:
    for name, data in SAMPLES.items():
        assert decoded(WRITTEN[name]) == decoded(REMOVED[name]) == decoded(data), name
    assert decoded(WRITTEN["jpeg long"]) == decoded(SAMPLES["jpeg"])


def test_exiftool_reads_sidecars(tmp_path) -> None:
    for number, packet in enumerate((None, FOREIGN_XMP)):
        path = tmp_path / f"{number}.xmp"
        path.write_bytes(xmp_sidecar(WORDS, packet, POLICY))
        (said,) = judge.exiftool([path])
        assert judge.words_of(said) == WORDS
        assert not judge.complaints(said)


def test_words_that_exiftool_wrote_are_read_and_changed(tmp_path) -> None:
    """The other way round: exiftool's own packets, with the properties in its order and style."""
    names = ("jpeg", "png", "webp lossless", "tiff")
    paths = judge.save(tmp_path, {name: SAMPLES[name] for name in names})
    subprocess.run(
        [
            judges.ensure()["exiftool"], "-q", "-overwrite_original", "-sep", "|",
            "-XMP-iptcCore:AltTextAccessibility=Alt", "-XMP-dc:Description=Beschreibung ä",
            "-XMP-dc:Description-de=Anders", "-XMP-dc:Subject=one|two", "-XMP-xmp:Rating=3",
            "-IFD0:Artist=Someone", *map(str, paths),
        ],
        check=True,
    )  # fmt: skip
    for path, name in zip(paths, names, strict=True):
        data = path.read_bytes()
        expected = ImageWords("Alt", "", "Beschreibung ä", ("one", "two"), "")
        assert read_metadata(data) == expected, name
        written = write_metadata(data, WORDS, replace(POLICY, replace=frozenset({"alt_text"})))
        path.write_bytes(written)
        assert decoded(written) == decoded(SAMPLES[name])
    for said in judge.exiftool(paths):
        words = judge.words_of(said)
        assert words.alt_text == WORDS.alt_text
        assert words.description == "Beschreibung ä"
        assert words.keywords == ("one", "two", *WORDS.keywords)
        assert said["XMP-dc:Description-de"] == "Anders"
        assert said["XMP-xmp:Rating"] == 3
        assert said["IFD0:Artist"] == "Someone"
        assert not [one for one in judge.complaints(said) if "XMP" in one]
