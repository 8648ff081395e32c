"""What a caller may ask for: the options of generation, with words in place of token ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pycore.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pycore.generation import GenerationConfig
    from pycore.text.tokenizer import Tokenizer


def configure(
    options: Mapping[str, Any], defaults: GenerationConfig, tokenizer: Tokenizer
) -> GenerationConfig:
    """Turn a call's options into a configuration: words become tokens.

    Args:
        options: by name; ``bad_words`` (list of strings) and ``prefix`` (string) besides those in
            ``pycore.generation.OPTION_NAMES``. None means "not given".
        defaults: what holds where no option says otherwise.
        tokenizer: of the model.

    Raises:
        ConfigurationError: when an option cannot be honoured.
    """
    rest = dict(options)
    bad_words = rest.pop("bad_words", None)
    prefix = rest.pop("prefix", None)
    if bad_words is not None:
        rest["bad_words_ids"] = _bad_words_ids(bad_words, tokenizer)
    if prefix is not None:
        if not isinstance(prefix, str):
            raise ConfigurationError("prefix must be a text.", detail=repr(prefix))
        # The next word brings its own leading space.
        rest["prefix_ids"] = tokenizer.encode(prefix.rstrip())
    return defaults.with_options(rest)


def _bad_words_ids(words: object, tokenizer: Tokenizer) -> list[list[int]]:
    """Return the ways in which words may appear: at the start or inside, capital or not.

    Source: transformers 4.57.6, ``NoBadWordsLogitsProcessor``: words need their leading space.
    """
    if not isinstance(words, (list, tuple)) or not all(
        isinstance(word, str) and word.strip() for word in words
    ):
        raise ConfigurationError("bad_words must be a list of words.", detail=repr(words))
    spellings = {
        space + form
        for word in map(str.strip, words)
        for form in (word, word.lower(), word.capitalize())
        for space in ("", " ")
    }
    return [tokenizer.encode(spelling) for spelling in sorted(spellings)]
