"""Tokenizer against the tokenizers library itself, which Pyodide does not have."""

from __future__ import annotations

import json
import random
import unicodedata
from typing import TYPE_CHECKING

import pytest
import tokenizers

from models.florence.text_files import base_tokenizer
from pycore.text.pre_tokenizer import split_words
from pycore.text.tokenizer import Tokenizer
from tests.unit.images.image_samples import FIXTURES
from tests.unit.text.text_samples import VOCAB_SIZE, random_ids, texts

if TYPE_CHECKING:
    from pathlib import Path

OFFICIAL = FIXTURES / "vit-gpt2-image-captioning" / "tokenizer.json"
FILES = {
    "official": OFFICIAL,
    "starter": FIXTURES.parent.parent / "models" / "starter" / "tokenizer.json",
    "tiny model": FIXTURES / "tiny-model" / "tokenizer.json",
    "florence": None,
}
FLORENCE_VOCAB_SIZE = 51289
SURROGATES = range(0xD800, 0xE000)


@pytest.fixture(scope="module", params=list(FILES.values()), ids=list(FILES))
def pair(request: pytest.FixtureRequest) -> tuple[Tokenizer, tokenizers.Tokenizer]:
    path: Path | None = request.param
    if path is None:
        library = base_tokenizer(json.loads(OFFICIAL.read_bytes()))
        assert library.get_vocab_size() == FLORENCE_VOCAB_SIZE
        return Tokenizer.from_json(library.to_str()), library
    library = tokenizers.Tokenizer.from_file(str(path))
    library.no_truncation()
    library.no_padding()
    return Tokenizer.from_json(path.read_bytes()), library


Pair = tuple[Tokenizer, tokenizers.Tokenizer]


def test_every_id(pair: Pair) -> None:
    ours, library = pair
    assert ours.vocab_size == library.get_vocab_size(with_added_tokens=True)
    for token_id in range(ours.vocab_size):
        for skip in (True, False):
            expected = library.decode([token_id], skip_special_tokens=skip)
            assert ours.decode([token_id], skip_special_tokens=skip) == expected


def test_a_thousand_sequences(pair: Pair) -> None:
    ours, library = pair
    for ids in random_ids(1000):
        for skip in (True, False):
            expected = library.decode(ids, skip_special_tokens=skip)
            assert ours.decode(ids, skip_special_tokens=skip) == expected


def test_texts(pair: Pair) -> None:
    ours, library = pair
    for text in texts():
        assert ours.encode(text) == library.encode(text, add_special_tokens=False).ids, text


def test_white_space_before_the_mask(pair: Pair) -> None:
    """BART's mask takes it; every other token leaves it."""
    ours, library = pair
    for space in ("", " ", "  ", "\t \n", "\u3000", "\x1f"):
        for token in ("<mask>", "</s>", "<loc_1>"):
            text = f"a{space}{token}{space}b{space}{token}{token}"
            assert ours.encode(text) == library.encode(text, add_special_tokens=False).ids, text


def test_random_texts(pair: Pair) -> None:
    """Characters that this Python knows, of all planes, mixed with the texts of the fixture."""
    ours, library = pair
    chance = random.Random(VOCAB_SIZE)
    known = [chr(code) for code in range(0x30000) if unicodedata.category(chr(code)) not in "Cn Cs"]
    parts = texts()
    for _ in range(2000):
        text = "".join(
            chance.choice(parts if chance.random() < 0.5 else known)
            for _ in range(chance.randrange(1, 12))
        )
        assert ours.encode(text) == library.encode(text, add_special_tokens=False).ids, text


def test_every_character_is_of_the_right_kind() -> None:
    """Letters, numbers and spaces are told apart as the library does it.

    Beyond the planes looked at are only private characters and tags.
    """
    splitter = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    # What is unassigned to this Python may be a letter to the library's newer tables.
    known = [
        chr(code)
        for code in range(0x40000)
        if code not in SURROGATES and unicodedata.category(chr(code)) != "Cn"
    ]
    for start in range(0, len(known), 1000):
        text = "".join(f" a{c} 1{c} !{c}" for c in known[start : start + 1000])
        words = [text[begin:end] for _, (begin, end) in splitter.pre_tokenize_str(text)]
        assert list(split_words(text)) == words, f"near {ord(known[start]):#x}"
