"""What the page works out itself, it works out in its MicroPython as in CPython."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from tools import npm, page_bundle
from tools.project import ROOT

SCRIPT = """
const [interpreter] = process.argv.slice(2);
const { readFileSync } = await import("node:fs");
const { loadMicroPython } = await import(`${interpreter}/micropython.mjs`);
const micropython = await loadMicroPython({ url: `${interpreter}/micropython.wasm` });
const { files, python } = JSON.parse(readFileSync(0));
for (const folder of ["/pycore", "/pycore/alt_text", "/pycore/rules"]) micropython.FS.mkdir(folder);
for (const [name, text] of Object.entries(files)) micropython.FS.writeFile(`/${name}`, text);
micropython.runPython("import sys; sys.path.append('/')");
micropython.runPython(python);
"""
ASK = """
import json
from pycore.alt_text import cleaning, draft, formats, limits, lint, phrases, preset, template
from pycore.rules import wording

def said(text):
    one = preset.Preset("Böe")
    one.is_inclusive, one.start, one.template = True, "Drawing:", "{caption} ({date}). Text: {text}"
    one = preset.from_json(preset.to_json([one]))[0]
    limit = limits.limit_named("own", 40)
    made = draft.draft({"caption": text, "date": "", "text": text}, one)
    found = lint.lint(
        text, limit, file_name="IMG_1.jpg", beside="a dog", required=["dog"], banned=["cat", "犬"]
    )
    return [
        draft.draft({"caption": text}, preset.Preset()).text,
        template.fill("– {caption} —", {"caption": text}),
        cleaning.clean(text, "remove"), cleaning.opening(text), phrases.words(text), made.text,
        [[change.before, change.after] for change in made.changes],
        [[finding.code, finding.reason] for finding in found],
        limits.meter(text, limit), formats.html(text, text), formats.markdown(text, text),
        json.loads(formats.as_json({"a": text, "b": [True, 1]})), template.unknown(text),
        wording.rule({
            "if": [
                {"where": "caption", "test": "contains", "value": text},
                {"where": "confidence", "test": "is under", "value": 0.29},
                {"where": "keyword", "test": "is missing"},
            ],
            "then": [{"act": "set field", "field": text, "value": ""}, {"act": "flag"}],
            "needs": "any",
        }),
    ]
"""
TEXTS = [
    "a picture of a man and a fireman  with his dog , “hello”",
    "THIS IS AN IMAGE OF: TWO WOMEN",
    "IMG_1.jpg",
    "An été — 犬 cat, don’t; it's my photo {x}",
    "a sign “stop.”",
    "— – a dog – ",
    "my an elderly actress " + "x" * 40,
    "*a* [b](c) <d> & \"e\" 'f' \\ 🐕",
    "",
]


DATES = """
import json
from exif_date import taken_at

def found():
    found = []
    for place in range(8, len(PHOTO)):
        for byte in (b"\\0", b"\\x80", b"\\xff"):
            data = PHOTO[:place] + byte + PHOTO[place + 1:]
            found.append(taken_at(lambda first, last: data[first:last]))
    return found
"""
PHOTO = (
    b"Exif\0\0II*\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\x1a\0\0\0\0\0\0\0"
    b"\x01\0\x03\x90\x02\0\x14\0\0\0\x2c\0\0\0\0\0\0\0"
    b"2020:01:02 03:04:05\0"
)


def test_both_interpreters_agree() -> None:
    names: dict[str, Any] = {}
    exec(ASK, names)  # noqa: S102 - it is ours
    expected = [names["said"](text) for text in TEXTS]
    python = f"{ASK}\nprint(json.dumps([said(text) for text in {TEXTS!r}]))"
    assert _in_micropython(python, dict(page_bundle.shared())) == expected


def test_a_damaged_date_is_no_fault_in_either() -> None:
    photo = b"\xff\xd8\xff\xe1" + (len(PHOTO) + 2).to_bytes(2, "big") + PHOTO
    source = (ROOT / "web" / "page" / "image" / "exif_date.py").read_text("utf-8")
    names: dict[str, Any] = {}
    exec(source, names)  # noqa: S102 - it is ours
    exec(DATES.replace("from exif_date import taken_at", f"PHOTO = {photo!r}"), names)  # noqa: S102
    expected = names["found"]()
    assert "2020-01-02T03:04:05" in expected
    assert None in expected
    python = f"{DATES}\nPHOTO = {photo!r}\nprint(json.dumps(found()))"
    assert _in_micropython(python, {"exif_date.py": source}) == expected


@pytest.mark.parametrize("writes_hex", [True, False])
def test_the_bytes_of_a_buffer(writes_hex: bool) -> None:
    """Whether or not JavaScript writes them as text (``Uint8Array.prototype.toHex``)."""
    source = (ROOT / "web" / "page" / "browser" / "js_data.py").read_text("utf-8")
    hex_writer = "Uint8Array.prototype.toHex"
    written = f"{hex_writer} = function () {{ return Buffer.from(this).toString('hex'); }}"
    python = f"""
import js, json
js.eval({written if writes_hex else f"delete {hex_writer}"!r})
from js_data import to_bytes
print(json.dumps(list(to_bytes(js.Uint8Array.new([0, 10, 255]).buffer))))
"""
    files = {"js_data.py": source, "pyscript.py": "import js as window"}
    assert _in_micropython(python, files) == [0, 10, 255]


def test_presets_that_are_no_json_or_go_too_deep_are_refused_alike() -> None:
    python = """
import json
from pycore.alt_text.preset import PresetError, from_json
found = []
for text in ("", "{", "[1, nothing]", "[" * 100_000):
    try:
        from_json(text)
    except PresetError:
        found.append("refused")
print(json.dumps(found))
"""
    files = dict(page_bundle.shared())
    assert _in_micropython(python, files) == ["refused"] * 4


def _in_micropython(python: str, files: dict[str, str]) -> Any:
    """Return what a program prints as JSON."""
    package = npm.package("@micropython/micropython-webassembly-pyscript")
    ran = subprocess.run(
        # "test": see test_page_events.py
        [npm.node(), "--input-type=module", "-e", SCRIPT, "test", package],
        input=json.dumps({"files": files, "python": python}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-600:]
    return json.loads(ran.stdout)
