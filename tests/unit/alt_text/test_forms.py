"""Templates, presets, and the forms for copying."""

from __future__ import annotations

import html.parser
import json
import re
from urllib.parse import unquote

import pytest

from pycore.alt_text import draft, formats, preset, template

AWKWARD = [
    "A cat.",
    'A "red" sign & <b>bold</b> text, it\'s 5 > 4',
    "[link](https://example.org) *stars* _lines_ `code` \\ back ![x] #1 | ~~",
    "two\nlines",
    "äöü 犬 🐕 \u202e",
    "",
]
NAMES = ["cat.jpg", 'my cat (1) [2] & "x".jpg', "été/犬.png", "a%20b#c?d.png"]


class Images(html.parser.HTMLParser):
    """Collects what an HTML parser makes of images."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []
        self.other: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        (self.found.append(dict(attrs)) if tag == "img" else self.other.append(tag))

    def handle_data(self, data: str) -> None:
        self.other.append(data)


@pytest.mark.parametrize("alt", AWKWARD)
@pytest.mark.parametrize("name", NAMES)
def test_html_says_it_and_nothing_else(alt: str, name: str) -> None:
    images = Images()
    images.feed(formats.html(alt, name))
    images.close()
    assert images.other == []
    ((found),) = images.found
    assert found["alt"] == " ".join(alt.split())
    assert unquote(found["src"] or "") == name


@pytest.mark.parametrize("alt", AWKWARD)
@pytest.mark.parametrize("name", NAMES)
def test_markdown_is_one_image(alt: str, name: str) -> None:
    text = formats.markdown(alt, name)
    match = re.fullmatch(r"!\[((?:\\[!-/:-@\[-`{-~]|[^\\\[\]*_`<>&])*)\]\(([^()\s]*)\)", text)
    assert match
    assert re.sub(r"\\(.)", r"\1", match[1]) == " ".join(alt.split())
    assert unquote(match[2]) == name


def test_json_has_a_field_a_line() -> None:
    words = {"name": "ä.jpg", "alt_text": 'A "cat".', "keywords": ["cat", "dog"], "reviewed": True}
    text = formats.as_json(words)
    assert json.loads(text) == words
    assert len(text.splitlines()) == len(words) + 2
    assert "ä.jpg" in text


@pytest.mark.parametrize(
    ("pattern", "filled"),
    [
        ("{caption}", "A cat."),
        ("{caption} ({date})", "A cat. (2026-05-01)"),
        ("{caption} ({folder})", "A cat."),
        ("{caption} Text: {text}", "A cat."),
        ("{caption}. Text: “{text}”", "A cat."),
        ("Text: {text}. {caption}", "A cat."),
        ("{keywords}: {caption}", "cat, animal: A cat."),
        ("{folder} - {caption}", "A cat."),
        ("{caption}!", "A cat!"),
        ("{filename}, {filename}", "{caption}.jpg, {caption}.jpg"),
        ("{nonsense} {caption}", "{nonsense} A cat."),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_templates(pattern: str, filled: str) -> None:
    values = {"caption": "A cat.", "keywords": "cat, animal", "text": " ", "date": "2026-05-01",
              "filename": "{caption}.jpg"}  # fmt: skip
    assert template.fill(pattern, values) == filled


def test_unknown_placeholders_are_told() -> None:
    one = preset.Preset()
    one.template = "{foo} {caption}"
    assert draft.draft({"caption": "a cat"}, one).text == "{foo} A cat."
    assert template.unknown("{caption} {alt} {folder} {x y} {") == ["alt", "x y"]


def test_presets_travel_as_json() -> None:
    one = preset.Preset("Shop")
    one.required, one.banned, one.is_inclusive = ["Acme"], ["cheap", "großartig"], True
    one.limit, one.own_limit, one.start, one.template = "own", 80, "Product:", "{caption} {date}"
    other = preset.Preset("Blog")
    found = preset.from_json(preset.to_json([one, other]))
    assert [each.to_dict() for each in found] == [one.to_dict(), other.to_dict()]
    assert found[0].chosen_limit().characters == 80
    assert preset.words(" a, b;c ,, ") == ["a", "b", "c"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        json.dumps({"format": preset.FORMAT, "presets": []}),
        json.dumps({"format": preset.FORMAT, "presets": [3]}),
        *(
            json.dumps({"format": preset.FORMAT, "presets": [change]})
            for change in (
                {"name": ""},
                {"name": 3},
                {"limit": "twitter"},
                {"full_stop": "maybe"},
                {"own_limit": True},
                {"is_inclusive": 1},
                {"required": "word"},
                {"banned": [1]},
                {"colour": "red"},
                {"template": "x" * 2_001},
            )
        ),
    ],
)
def test_other_files_are_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(preset.PresetError, match=r"[.?]$"):
        preset.from_json(text)
