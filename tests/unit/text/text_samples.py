"""Texts and token ids that the tokenizer's tests share."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

VOCAB_SIZE = 50257

_WORDS = (
    "a cat laying on a bed",
    "Two dogs and a red car on green grass.",
    "It's what they're doing; we've said I'm sure he'll go, she'd stay, don't.",
    "IT'S THEY'RE WE'VE I'M HE'LL SHE'D",
    "'s 't 're 've 'm 'll 'd 'x ''s s' 'sa",
    "supercalifragilisticexpialidocious antidisestablishmentarianism",
    "1 22 333 4444 55555 3.14159 1,000,000 007 0x1F 12am",
    "x² + y³ = ½ of Ⅷ, ① ⅔ ٣ ४ 五 ㊿ 𝟘𝟙",
    "naïve café résumé Ångström Straße İstanbul ŁÓDŹ",
    "cafe\u0301 n\u0303 a\u0308\u0323 \u0301 g\u0308\u0308\u0308",
    "Привет, мир! Γειά σου Κόσμε Բարեւ აბგ",
    "שלום עולם مرحبا بالعالم سَلَام ١٢٣",
    "नमस्ते दुनिया สวัสดีชาวโลก ខ្មែរ བོད",
    "你好，世界。日本語のテキスト 漢字かなカナ ﾊﾝｶｸ 안녕하세요 한국어",
    "👍 👍🏽 👩‍👩‍👧‍👦 🏳️‍🌈 🇨🇭🇯🇵 ❤️ ☺ ✂️ 🧑‍🚀🚀 🐱",
    "€ £ ¥ © ® ™ § ¶ † ‡ • … – — ‘’ “” « » ‹ › ¿ ¡",
    "∀x∈ℝ: ⌈x⌉ = −⌊−x⌋, ∑∏∫√∞ ≠ ≤ ≥ ⊂ ⊕",
    "<|endoftext|>",
    "a<|endoftext|>b <|endoftext|> c<|endoftext|><|endoftext|>",
    "<|endoftext| |endoftext|> <<|endoftext|>>",
    "!!! ??? ... --- ___ *** ((( ))) [[ ]] {{ }} <> /\\ | ~ ` ^ %% $$ ## @@ &&",
    "http://example.com/a?b=c&d=e#f user@example.com C:\\dir\\file.txt",
    "def f(x):\n\treturn x ** 2  # no\r\n\r\n",
    "snake_case camelCase kebab-case SCREAMING_CASE a_b_1_2",
    "ﬁ ﬂ Ǆ ǅ ǆ ſ ß ẞ ı ĸ ŉ ƛ ʰ ˈ ː",
    "𝒜𝓁𝓅𝒽𝒶 𐍈𐌰 𓀀𓂀 𝄞 🀄 𠀋𠂢",
    "\ufeffBOM \u00ad soft \u2060 joiner \u034f \ufffd \ufffe",
    "zero\u200bwidth zero\u200cwidth zero\u200dwidth rtl\u200fmark \u202eover\u202c",
    "ª º ᵃ ₐ ₁ ¹ ⁴ ƻ ǀ ʔ 〇 々 〆 ゝ ー",
    "ⓐ Ⓐ ⒜ ⑴ ❶ ㈠ ㊀ 🄰 🅰",
    "",
    "a",
    "é",
    "🐱",
)

_SPACES = (
    *(" ", "  ", "   ", "\t", "\n", "\n\n", "\r\n", " \n", "\n ", " \t ", "\v", "\f"),
    *("\x1c", "\x1d", "\x1e", "\x1f"),  # space to Python, not to Unicode
    *("\x85", "\xa0", "\u1680", "\u180e", "\u2002", "\u2003", "\u200a", "\u200b", "\u2028"),
    *("\u2029", "\u202f", "\u205f", "\u2060", "\u3000", "\ufeff", "\x00", "\x7f"),
)

_NEIGHBOURS = ("a", "9", "!", "é", "²", "'s", "🐱", "犬", "<|endoftext|>")


def texts() -> list[str]:
    """Some four hundred texts: scripts, symbols, and every kind of space beside every neighbour."""
    spaced = [
        pattern.format(left=left, space=space, right=right)
        for space, (left, right) in itertools.product(
            _SPACES, (("a", "b"), ("1", "!"), ("", "犬"), ("é", ""))
        )
        for pattern in ("{left}{space}{right}", "{left} {space}{right}", "{left}{space} {right}")
    ]
    joined = [left + right for left, right in itertools.product(_NEIGHBOURS, repeat=2)]
    return [*_WORDS, *spaced, *joined, *(f" {text} " for text in _WORDS)]


def random_ids(count: int) -> Iterator[list[int]]:
    """Yield sequences of 1 to 40 ids; every third has single bytes only, mostly broken UTF-8."""
    state = 20261121  # a generator of our own gives the same numbers in every Python

    def draw(below: int) -> int:
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (state >> 33) % below

    for index in range(count):
        below = 256 if index % 3 == 0 else VOCAB_SIZE
        yield [draw(below) for _ in range(1 + draw(40))]
