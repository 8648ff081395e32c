"""Words in files of every format: written, read back, written again, taken out."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace

import pytest

from pycore.errors import MetadataError
from pycore.metadata import (
    FIELDS,
    ImageWords,
    WritePolicy,
    plan,
    plan_removal,
    read_by_person,
    read_metadata,
    remove_metadata,
    write_metadata,
    xmp_sidecar,
)
from pycore.metadata.fields import merged
from tests.unit.metadata.metadata_samples import (
    OTHER_WORDS,
    WORDS,
    decoded,
    random_words,
    samples,
)

SAMPLES = samples()
POLICY = WritePolicy(date=dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC))
LATER = replace(POLICY, date=dt.datetime(2027, 1, 1, tzinfo=dt.UTC))
ANYTHING = replace(LATER, replace=frozenset(FIELDS))
HAS_IIM = {"jpeg all", "tiff all"}


@pytest.fixture(params=SAMPLES)
def name(request) -> str:
    return str(request.param)


def test_all_words_are_read_back(name) -> None:
    before = read_metadata(SAMPLES[name])
    found = read_metadata(write_metadata(SAMPLES[name], WORDS, POLICY))
    assert replace(found, keywords=()) == replace(WORDS, keywords=())
    assert found.keywords == merged(before.keywords, WORDS.keywords)


def test_pixels_stay(name) -> None:
    written = write_metadata(SAMPLES[name], WORDS, POLICY)
    assert decoded(written) == decoded(SAMPLES[name])


def test_the_same_words_again_change_nothing(name) -> None:
    written = write_metadata(SAMPLES[name], WORDS, POLICY)
    assert write_metadata(written, WORDS, LATER) is written
    assert plan(written, WORDS, LATER).places == ()
    assert write_metadata(written, ImageWords(), LATER) is written


def test_other_words_keep_the_length_where_there_is_room(name) -> None:
    written = write_metadata(SAMPLES[name], WORDS, POLICY)
    again = write_metadata(written, replace(WORDS, alt_text="Short"), ANYTHING)
    assert read_metadata(again).alt_text == "Short"
    assert decoded(again) == decoded(SAMPLES[name])
    if not name.endswith("all"):  # there, the packet is another program's
        assert len(again) == len(written)


def test_writing_often_does_not_make_a_file_grow(name) -> None:
    written = write_metadata(SAMPLES[name], WORDS, ANYTHING)
    other = write_metadata(written, OTHER_WORDS, ANYTHING)
    back = write_metadata(other, WORDS, ANYTHING)
    assert len(back) == len(written)


def test_removal_gives_the_bytes_from_before(name) -> None:
    written = write_metadata(SAMPLES[name], WORDS, POLICY)
    removed = remove_metadata(written, WORDS, POLICY)
    assert read_metadata(removed) == read_metadata(SAMPLES[name])
    if name not in HAS_IIM:  # its keywords were copied to XMP, lest readers of that miss them
        assert removed == SAMPLES[name]
    assert remove_metadata(SAMPLES[name], WORDS, POLICY) is SAMPLES[name]


def test_removal_of_all_words(name) -> None:
    written = write_metadata(SAMPLES[name], WORDS, POLICY)
    bare = remove_metadata(written, None, POLICY)
    assert read_metadata(bare) == ImageWords()
    assert decoded(bare) == decoded(SAMPLES[name])
    if name not in HAS_IIM:  # those had a keyword of their own
        assert bare == SAMPLES[name]


def test_existing_words_are_kept_unless_the_policy_says_otherwise(name) -> None:
    written = write_metadata(SAMPLES[name], WORDS, POLICY)
    change = plan(written, OTHER_WORDS, LATER)
    assert change["alt_text"].outcome == change["description"].outcome == "kept"
    assert change["extended_description"].outcome == "none"
    assert change["keywords"].outcome == "added"
    found = read_metadata(write_metadata(written, OTHER_WORDS, LATER))
    assert found.alt_text == WORDS.alt_text
    assert found.keywords == (*read_metadata(written).keywords, "bird")
    only = replace(LATER, replace=frozenset({"alt_text"}))
    found = read_metadata(write_metadata(written, OTHER_WORDS, only))
    assert (found.alt_text, found.description) == (OTHER_WORDS.alt_text, WORDS.description)
    found = read_metadata(write_metadata(written, OTHER_WORDS, ANYTHING))
    assert found == replace(OTHER_WORDS, extended_description=WORDS.extended_description)


def test_plan_tells_before_and_after(name) -> None:
    data = SAMPLES[name]
    change = plan(data, WORDS, POLICY)
    written = write_metadata(data, WORDS, POLICY)
    assert "XMP" in change.places
    assert ("IIM" in change.places) == (name in HAS_IIM)
    for field in FIELDS:
        assert change[field].before == getattr(read_metadata(data), field)
        assert change[field].after == getattr(read_metadata(written), field)
        assert change[field].outcome == "added"
    removal = plan_removal(written, WORDS, POLICY)
    assert removal["alt_text"].outcome == "removed"
    assert removal["alt_text"].after == ""
    assert plan_removal(data, WORDS, POLICY).places == ()


def test_chance_words_into_chance_files() -> None:
    """Whatever the words: read back as cleaned, pixels equal, a second write changes nothing."""
    chance = random.Random(20_26)
    for number in range(150):
        name = chance.choice(list(SAMPLES))
        data = SAMPLES[name]
        original = data
        for _ in range(chance.choice((1, 1, 2, 3))):
            words = random_words(chance)
            chosen = frozenset(chance.sample(FIELDS, chance.randrange(len(FIELDS) + 1)))
            policy = WritePolicy(
                replace=chosen, exif=chance.random() < 0.8, iim=chance.random() < 0.8,
                date=chance.choice((None, POLICY.date)),
            )  # fmt: skip
            before = read_metadata(data)
            data = write_metadata(data, words, policy)
            _check(number, before, words.cleaned(), read_metadata(data), policy)
            assert write_metadata(data, words, replace(policy, date=LATER.date)) is data, number
        assert decoded(data) == decoded(original), number
        removed = remove_metadata(data)
        assert read_metadata(removed) == ImageWords(), number
        assert decoded(removed) == decoded(original), number
        if not name.endswith("all"):  # the camera's description may have been replaced
            assert removed == original, number


def _check(number, before, words, found, policy) -> None:
    for field in ("alt_text", "extended_description", "description"):
        old, wanted = getattr(before, field), getattr(words, field)
        expected = wanted if wanted and (not old or field in policy.replace) else old
        assert getattr(found, field) == expected, (number, field)
    if not words.keywords or "keywords" not in policy.replace:
        assert found.keywords == merged(before.keywords, words.keywords), number
    elif policy.iim:
        assert set(found.keywords) == set(words.keywords), number


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf", b"\n"])
def test_a_sidecar_is_read_like_an_image_and_not_written_like_one(mark: bytes) -> None:
    words = ImageWords(description="A dog.", keywords=("dog",))
    sidecar = mark + xmp_sidecar(words)
    assert read_metadata(sidecar) == read_by_person(sidecar) == words
    by_seesay = replace(words, caption_writer="Seesay, starter; not reviewed")
    assert read_by_person(xmp_sidecar(by_seesay)) == ImageWords()
    with pytest.raises(MetadataError):
        write_metadata(sidecar, ImageWords(alt_text="A dog."))
