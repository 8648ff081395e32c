"""Any words in any order into any kind of file; hypothesis looks for the ones that go wrong."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from pycore.metadata import (
    FIELDS,
    ImageWords,
    WritePolicy,
    read_metadata,
    read_sidecar,
    remove_metadata,
    write_metadata,
    xmp_sidecar,
)
from tests.unit.metadata.metadata_samples import FOREIGN_XMP, decoded, samples

SAMPLES = samples()
TEXT = st.text(max_size=300)
WORDS = st.builds(
    ImageWords, TEXT, TEXT, TEXT, st.lists(st.text(max_size=90), max_size=5).map(tuple), TEXT
)
POLICIES = st.builds(
    WritePolicy, st.frozensets(st.sampled_from(FIELDS)), exif=st.booleans(), iim=st.booleans()
)
FEW = settings(max_examples=100, derandomize=True, deadline=None, database=None)


@FEW
@given(st.sampled_from(sorted(SAMPLES)), st.lists(st.tuples(WORDS, POLICIES), max_size=3))
def test_writing_is_lossless_and_settles(name, steps) -> None:
    data = SAMPLES[name]
    for words, policy in steps:
        before, wanted = read_metadata(data), words.cleaned()
        data = write_metadata(data, words, policy)
        found = read_metadata(data)
        for field in ("alt_text", "extended_description", "description"):
            old, new = getattr(before, field), getattr(wanted, field)
            is_free = not old or field in policy.replace
            assert getattr(found, field) == (new if new and is_free else old)
        assert write_metadata(data, words, policy) is data
    assert decoded(data) == decoded(SAMPLES[name])
    assert read_metadata(remove_metadata(data)) == ImageWords()


@FEW
@given(WORDS, WORDS)
def test_sidecars_hold_any_words(first, second) -> None:
    policy = WritePolicy(replace=frozenset(FIELDS))
    words = ImageWords("a").cleaned()
    for packet in (FOREIGN_XMP, xmp_sidecar(words)):
        once = xmp_sidecar(first, packet, policy)
        twice = xmp_sidecar(second, once, policy)
        assert read_sidecar(twice).alt_text == (
            second.cleaned().alt_text or read_sidecar(once).alt_text
        )
        assert xmp_sidecar(second, twice, policy) is twice
