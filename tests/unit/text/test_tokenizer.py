"""Tokenizer: equal to the tokenizers library, and strict about what it reads.

Expected values come from tests/fixtures/make_tokenizer_cases.py.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from pycore.errors import AssetError, UnsupportedModelError
from pycore.text.pre_tokenizer import split_words
from pycore.text.tokenizer import Tokenizer
from tests.unit.images.image_samples import FIXTURES
from tests.unit.text.text_samples import VOCAB_SIZE, random_ids, texts

CASES = json.loads((FIXTURES / "tokenizer_cases.json").read_text(encoding="utf-8"))
END = VOCAB_SIZE - 1


@pytest.fixture(scope="module")
def official() -> Tokenizer:
    file = FIXTURES / "vit-gpt2-image-captioning" / "tokenizer.json"
    return Tokenizer.from_json(file.read_bytes())


def small(**changes: Any) -> dict[str, Any]:
    """A tokenizer.json of eight tokens; keys like model__type replace parts of it."""
    file: dict[str, Any] = {
        "added_tokens": [{"id": 7, "content": "<end>", "special": True}],
        "normalizer": None,
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "use_regex": True},
        "post_processor": None,
        "decoder": {"type": "ByteLevel"},
        "model": {
            "type": "BPE",
            "vocab": {"a": 0, "b": 1, "c": 2, "Ġ": 3, "ab": 4, "Ġa": 5, "abc": 6},
            "merges": ["a b", "Ġ a", "ab c"],
        },
    }
    for key, value in changes.items():
        *parents, last = key.split("__")
        part = file
        for parent in parents:
            part = part[parent]
        part[last] = value
    return file


def read(file: object, **tokenizer_config: object) -> Tokenizer:
    return Tokenizer.from_json(json.dumps(file), tokenizer_config)


def digest(strings: list[str]) -> str:
    return hashlib.sha256(json.dumps(strings).encode()).hexdigest()


def test_encoding_equals_the_library(official: Tokenizer) -> None:
    assert [text for text, _ in CASES["encode"]] == texts()
    assert len(CASES["encode"]) > 400
    for text, ids in CASES["encode"]:
        assert official.encode(text) == ids, text


def test_decoding_equals_the_library(official: Tokenizer) -> None:
    for ids, text in CASES["decode"]:
        assert official.decode(ids) == text
    for ids, text in CASES["decode_cleaned"]:
        assert official.decode(ids, clean_up_tokenization_spaces=True) == text


def test_every_id_and_a_thousand_sequences(official: Tokenizer) -> None:
    assert official.vocab_size == VOCAB_SIZE
    every_id = [official.decode([i], skip_special_tokens=False) for i in range(VOCAB_SIZE)]
    assert digest(every_id) == CASES["digest_of_every_id"]
    assert (
        digest([official.decode(ids) for ids in random_ids(1000)]) == CASES["digest_of_sequences"]
    )


def test_text_survives_the_round_trip(official: Tokenizer) -> None:
    for text in texts():
        assert official.decode(official.encode(text), skip_special_tokens=False) == text


def test_the_official_captions(official: Tokenizer) -> None:
    """Source: captions that CPU onnxruntime wrote with the official weights."""
    ids = [64, 3797, 16299, 319, 257, 3996, 351, 257, 3797, 16299, 319, 340, 220, END]
    assert official.decode(ids) == "a cat laying on a bed with a cat laying on it "
    ids = [64, 2415, 351, 257, 2266, 4190, 290, 257, 2042, 1353, 220]
    assert official.decode(ids).strip() == "a woman with a red hair and a black top"


def test_special_tokens_are_shown_on_request(official: Tokenizer) -> None:
    assert official.decode([64, END]) == "a"
    assert official.decode([64, END], skip_special_tokens=False) == "a<|endoftext|>"


def test_unknown_ids_are_left_out(official: Tokenizer) -> None:
    assert official.decode([64, VOCAB_SIZE, -1, 65]) == "ab"


def test_half_a_character_is_a_replacement_character(official: Tokenizer) -> None:
    ids = official.encode("犬🐱")
    assert len(ids) > 2
    assert official.decode(ids[:-1]).endswith("\ufffd")
    assert official.decode(ids) == "犬🐱"


def test_splitting_loses_nothing() -> None:
    for text in texts():
        assert "".join(split_words(text)) == text


def test_splitting_as_gpt2_does() -> None:
    assert list(split_words("We'll  see2 it's\n\n ok!? ")) == [
        *("We", "'ll", " ", " see", "2", " it", "'s", "\n\n", " ok", "!?", " "),
    ]


def test_merges_in_both_spellings() -> None:
    for merges in (["a b", "Ġ a", "ab c"], [["a", "b"], ["Ġ", "a"], ["ab", "c"]]):
        tokenizer = read(small(model__merges=merges))
        assert tokenizer.encode("abc ab ac") == [6, 3, 4, 5, 2]
        assert tokenizer.encode("cab") == [2, 4]


def test_the_leftmost_of_equal_pairs_is_joined_first() -> None:
    file = small(model__vocab={"a": 0, "aa": 1, "aaa": 2}, model__merges=["a a", "aa a"])
    assert read(file).encode("aaa") == [2]
    assert read(file).encode("aaaaa") == [1, 2]


def test_characters_outside_of_the_vocabulary_are_left_out() -> None:
    assert read(small()).encode("axb") == [4]


def test_prefix_space() -> None:
    tokenizer = read(small(pre_tokenizer__add_prefix_space=True))
    assert tokenizer.encode("ac") == tokenizer.encode(" ac") == [5, 2]
    assert tokenizer.encode("a<end>b") == [5, 7, 3, 1]
    assert tokenizer.encode("") == []


def test_the_longest_added_token_wins() -> None:
    added = [
        {"id": 7, "content": "ab", "special": False},
        {"id": 8, "content": "abc.+", "special": False},
    ]
    tokenizer = read(small(added_tokens=added))
    assert tokenizer.encode("abc.+abc") == [8, 7, 2]
    assert tokenizer.decode([8, 7]) == "abc.+ab"


def test_clean_up_follows_the_configuration() -> None:
    file = small(model__vocab={"a": 0, "Ġ": 1, ".": 2}, model__merges=[])
    ids = [0, 1, 2]
    assert read(file).decode(ids) == "a ."
    assert read(file, clean_up_tokenization_spaces=True).decode(ids) == "a."
    cleaning = read(file, clean_up_tokenization_spaces=True)
    assert cleaning.decode(ids, clean_up_tokenization_spaces=False) == "a ."


@pytest.mark.parametrize(
    "change",
    [
        {"model__type": "WordPiece"},
        {"model__dropout": 0.1},
        {"model__unk_token": "<unk>"},
        {"model__continuing_subword_prefix": "##"},
        {"model__end_of_word_suffix": "</w>"},
        {"model__byte_fallback": True},
        {"model__ignore_merges": True},
        {"normalizer": {"type": "Lowercase"}},
        {"pre_tokenizer__type": "Whitespace"},
        {"pre_tokenizer__use_regex": False},
        {"decoder__type": "WordPiece"},
        {"added_tokens": [{"id": 7, "content": "x", "special": True, "rstrip": True}]},
        {"added_tokens": [{"id": 7, "content": "x", "special": True, "single_word": True}]},
    ],
    ids=str,
)
def test_other_kinds_of_tokenizer_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(
        UnsupportedModelError, match="cannot run this model: its tokenizer"
    ) as caught:
        read(small(**change))
    assert next(iter(change)).replace("__", ".") in caught.value.detail


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<!doctype html>",
        b"version https://git-lfs.github.com/spec/v1",
        b"[]",
        b"null",
        b"{}",
        b'{"model": null, "added_tokens": []}',
        b"\xff\xfe\x00",
        json.dumps(small(model__vocab=["a", "b"])).encode(),
        json.dumps(small(added_tokens=[7])).encode(),
        json.dumps(small(added_tokens=[{"content": 7, "id": 1, "special": True}])).encode(),
        json.dumps(small(pre_tokenizer=None)).encode(),
        json.dumps(small())[:-9].encode(),
    ],
    ids=lambda data: repr(data[:20]),
)
def test_damaged_files_are_an_asset_error(data: bytes) -> None:
    with pytest.raises(AssetError, match=r"tokenizer\.json is damaged"):
        Tokenizer.from_json(data)


@pytest.mark.parametrize(
    "merges", [["a b c"], ["ab"], [["a", "b", "c"]], [3], ["b a"], 3, [["a", 1.5]]], ids=str
)
def test_damaged_merges_are_an_asset_error(merges: list[object]) -> None:
    tokenizer = read(small(model__merges=merges))
    assert tokenizer.decode([0, 1]) == "ab"
    with pytest.raises(AssetError, match=r"tokenizer\.json is damaged"):
        tokenizer.encode("ab")
