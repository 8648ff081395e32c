"""GPT-2's byte-level BPE, read from a tokenizer.json; equal to the `tokenizers` library.

A token is a string over 256 printable characters that stand for the 256 bytes of UTF-8.
Source: GPT-2 (openai/gpt-2, src/encoder.py); tokenizers 0.22, models/bpe and ByteLevel.
"""

from __future__ import annotations

import functools
import itertools
import re
from typing import TYPE_CHECKING, Any

from pycore.errors import AssetError, UnsupportedModelError
from pycore.json_data import parse_json
from pycore.text.pre_tokenizer import OTHER_SPACES, split_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

# Source: transformers 4.57, PreTrainedTokenizerBase.clean_up_tokenization, in its order.
_CLEAN_UPS = (
    (" .", "."),
    (" ?", "?"),
    (" !", "!"),
    (" ,", ","),
    (" ' ", "'"),
    (" n't", "n't"),
    (" 'm", "'m"),
    (" 's", "'s"),
    (" 've", "'ve"),
    (" 're", "'re"),
)


@functools.cache
def _byte_characters() -> tuple[str, ...]:
    """Give the character that stands for each byte: itself where printable, else from U+0100."""
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    substitutes = iter(range(0x100, 0x200))
    return tuple(chr(byte if byte in printable else next(substitutes)) for byte in range(256))


class Tokenizer:
    """Text to token ids and back; build one with `from_json`."""

    def __init__(
        self,
        vocabulary: Mapping[str, int],
        merges: Sequence[str] | Sequence[Sequence[str]],
        *,
        added_tokens: Mapping[str, int] | None = None,
        special_ids: Iterable[int] = (),
        lstrip_tokens: Iterable[str] = (),
        add_prefix_space: bool = False,
        clean_up_tokenization_spaces: bool = False,
    ) -> None:
        """Build from the parts of a tokenizer.json.

        Args:
            vocabulary: token to id.
            merges: pairs of tokens to join, most urgent first: "left right" or [left, right].
            added_tokens: whole strings that are one token each wherever they stand.
            special_ids: those of them that do not count as text.
            lstrip_tokens: those of them that take the white space before them.
            add_prefix_space: whether text that does not begin with a space gets one.
            clean_up_tokenization_spaces: default of `decode`.
        """
        self._added_tokens = dict(added_tokens or {})
        self._special_ids = frozenset(special_ids)
        self._lstrip_tokens = frozenset(lstrip_tokens)
        self._add_prefix_space = add_prefix_space
        self._clean_up = clean_up_tokenization_spaces
        self._vocabulary = vocabulary
        self._merges = merges
        self._tokens = {token_id: token for token, token_id in vocabulary.items()}
        self._tokens.update({token_id: token for token, token_id in self._added_tokens.items()})
        self._bytes_of = {character: byte for byte, character in enumerate(_byte_characters())}

    @classmethod
    def from_json(
        cls, text: str | bytes, tokenizer_config: Mapping[str, object] | None = None
    ) -> Tokenizer:
        """Read a tokenizer.json.

        Truncation and padding in the file are not applied: transformers applies them on request
        only, and captions have no use for them.

        Args:
            text: the file.
            tokenizer_config: the parsed tokenizer_config.json, for clean_up_tokenization_spaces.

        Raises:
            AssetError: when the file is damaged.
            UnsupportedModelError: when it describes another kind of tokenizer.
        """
        try:
            file = parse_json(text)
            model, added = file["model"], file["added_tokens"]
            _check_supported(file)
            added_tokens = {_text(token["content"]): token["id"] for token in added}
            clean_up = (tokenizer_config or {}).get("clean_up_tokenization_spaces", False)
            return cls(
                model["vocab"],
                model["merges"],
                added_tokens=added_tokens,
                special_ids=[token["id"] for token in added if token["special"]],
                lstrip_tokens=[token["content"] for token in added if token.get("lstrip")],
                add_prefix_space=file["pre_tokenizer"]["add_prefix_space"],
                clean_up_tokenization_spaces=bool(clean_up),
            )
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise _damaged(f"{type(error).__name__}: {error}") from error

    @property
    def vocab_size(self) -> int:
        """Number of token ids, added tokens included."""
        return len(self._tokens)

    def encode(self, text: str) -> list[int]:
        """Split text into token ids. No start or end token is added."""
        ids: list[int] = []
        # What stands between added tokens, and each of these in turn.
        for index, part in enumerate(self._added_token_pattern.split(text)):
            if index % 2:
                ids.append(self._added_tokens[part])
            elif part:
                spaced = f" {part}" if self._add_prefix_space and part[0] != " " else part
                for word in split_words(spaced):
                    ids.extend(self._encode_word(word))
        return ids

    def decode(
        self,
        ids: Iterable[int],
        *,
        skip_special_tokens: bool = True,
        clean_up_tokenization_spaces: bool | None = None,
    ) -> str:
        """Join token ids to text.

        Args:
            ids: token ids; unknown ones are left out, as the `tokenizers` library does.
            skip_special_tokens: whether special tokens, such as the end of text, are left out.
            clean_up_tokenization_spaces: whether spaces before punctuation go; None means what
                tokenizer_config.json says.

        Returns:
            The text; bytes that are no UTF-8 appear as U+FFFD. Captions of the official ViT-GPT2
            end in a space, which is the caller's to strip.
        """
        data = b"".join(self._token_bytes(ids, skip_special_tokens=skip_special_tokens))
        text = data.decode("utf-8", errors="replace")
        clean_up = clean_up_tokenization_spaces
        if self._clean_up if clean_up is None else clean_up:
            for old, new in _CLEAN_UPS:
                text = text.replace(old, new)
        return text

    def _token_bytes(self, ids: Iterable[int], *, skip_special_tokens: bool) -> Iterator[bytes]:
        for token_id in ids:
            token = self._tokens.get(token_id)
            if token is None or (skip_special_tokens and token_id in self._special_ids):
                continue
            try:
                yield bytes([self._bytes_of[character] for character in token])
            except KeyError:  # an added token, in plain text
                yield token.encode()

    @functools.cached_property
    def _added_token_pattern(self) -> re.Pattern[str]:
        """Match the longest added token at each place; nothing where there is none."""
        longest_first = sorted(self._added_tokens, key=len, reverse=True)
        if not longest_first:
            return re.compile("((?!))")
        token = f"({'|'.join(map(re.escape, longest_first))})"
        if not self._lstrip_tokens:
            return re.compile(token)
        spaces = re.escape("".join((" ", *sorted(OTHER_SPACES))))
        stripping = "|".join(map(re.escape, self._lstrip_tokens))
        return re.compile(f"(?:[{spaces}]+(?={stripping}))?{token}")

    @functools.cached_property
    def _ranks(self) -> dict[tuple[str, str], int]:
        """Urgency of each pair, 0 first. Built on first use: decoding needs none of it."""
        try:
            pairs = (pair.split(" ") if isinstance(pair, str) else pair for pair in self._merges)
            ranks = {(left, right): rank for rank, (left, right) in enumerate(pairs)}
            is_whole = all(left + right in self._vocabulary for left, right in ranks)
        except (ValueError, TypeError) as error:
            raise _damaged(f"merges: {error}") from error
        if not is_whole:
            raise _damaged("a merge makes a token that is not in the vocabulary")
        return ranks

    def _encode_word(self, word: str) -> list[int]:
        """Join the most urgent pair, the leftmost of equals, until no pair is left."""
        characters = _byte_characters()
        parts = [characters[byte] for byte in word.encode("utf-8", errors="replace")]
        parts = [part for part in parts if part in self._vocabulary]
        while len(parts) > 1:
            ranked = [
                (rank, index)
                for index, pair in enumerate(itertools.pairwise(parts))
                if (rank := self._ranks.get(pair)) is not None
            ]
            if not ranked:
                break
            _, index = min(ranked)
            parts[index : index + 2] = [parts[index] + parts[index + 1]]
        return [self._vocabulary[part] for part in parts]


def _damaged(detail: str) -> AssetError:
    return AssetError(
        "The model's tokenizer.json is damaged. Remove the model and fetch it again.",
        detail=detail,
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"an added token that is no text: {value!r}")
    return value


def _check_supported(file: Mapping[str, Any]) -> None:
    """Refuse whatever this module would get wrong.

    Raises:
        UnsupportedModelError: naming the first such setting.
    """
    model, splitter, joiner = file["model"], file["pre_tokenizer"], file["decoder"]
    settings: dict[str, tuple[object, tuple[object, ...]]] = {
        # setting: (its value, the values that are honoured)
        "model.type": (model.get("type", "BPE"), ("BPE",)),
        "model.dropout": (model.get("dropout"), (None,)),
        "model.unk_token": (model.get("unk_token"), (None,)),
        "model.continuing_subword_prefix": (model.get("continuing_subword_prefix"), (None, "")),
        "model.end_of_word_suffix": (model.get("end_of_word_suffix"), (None, "")),
        "model.byte_fallback": (model.get("byte_fallback", False), (False,)),
        "model.ignore_merges": (model.get("ignore_merges", False), (False,)),
        "normalizer": (file.get("normalizer"), (None,)),
        "pre_tokenizer.type": (splitter["type"], ("ByteLevel",)),
        "pre_tokenizer.use_regex": (splitter.get("use_regex", True), (True,)),
        "decoder.type": (joiner["type"], ("ByteLevel",)),
        **{
            f"added_tokens.{flag}": (
                any(token.get(flag) for token in file["added_tokens"]),
                (False,),
            )
            for flag in ("single_word", "rstrip")
        },
    }
    for name, (value, honoured) in settings.items():
        if value not in honoured:
            raise UnsupportedModelError(
                "its tokenizer is of another kind than byte-level BPE.",
                detail=f"tokenizer.json: {name} is {value!r}",
            )
