"""The wheel in Pyodide and in PyScript, on pages that have nothing else of Seesay."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import shutil
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from pycore.images.file import read_image
from pycore.images.processor import ImageProcessor
from seesay import Captioner
from tests.browser.conftest import FIXTURES, ContextFactory
from tests.browser.model_driver import MODEL, start_hub
from tests.browser.page_steps import WAIT_MS
from tests.browser.test_recognition import WORDS, screenshot
from tools import npm, pyodide_wheels
from tools.project import ROOT
from tools.server import SiteServer, serve

PAGE = """<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
<script type="module">
import { loadPyodide } from "./pyodide/pyodide.mjs";
window.pyodide = await loadPyodide();
await window.pyodide.loadPackage("micropip");
document.body.append("ready");
</script>"""

RUN = "code => pyodide.runPythonAsync(code)"

CAPTION = """
from pycore.errors import AssetError
from seesay.pyodide import Captioner

async with Captioner(hub=HUB) as captioner:
    drawing = await captioner.caption(base64.b64decode(DRAWING), num_beams=4)
    photograph = await captioner.caption(base64.b64decode(PHOTOGRAPH))
    screen = await captioner.caption(base64.b64decode(SCREEN))
    try:
        await captioner.load(MODEL)
    except AssetError as error:
        refusal = error.message
    fetched = await captioner.models.download(MODEL)
    tiny = await captioner.caption(base64.b64decode(DRAWING), model=MODEL, max_new_tokens=4)
[drawing.caption, drawing.model.revision, photograph.caption, photograph.kind,
 screen.text.text, refusal, fetched.state, tiny.model.id]
"""

PYSCRIPT = """<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
<link rel="stylesheet" href="pyscript/core.css">
<script type="module" src="pyscript/core.js"></script>
<script type="py" config='{"interpreter": "./pyodide/pyodide.mjs", "packages": ["WHEEL"]}'>
from pyscript import document, fetch
from seesay.pyodide import Captioner

drawing = await fetch("drawing.png").bytearray()
async with Captioner() as captioner:
    result = await captioner.caption(drawing, num_beams=4)
document.querySelector("output").textContent = result.caption
</script>
<output></output>"""

DRAWING = FIXTURES / "scenes-128" / "5-a-bee-on-a-street.png"
PHOTOGRAPH = FIXTURES / "photos" / "kodim23.png"
SAID = "a bee on a street"


@pytest.fixture
def foreign_site(site_dir: Path, tmp_path: Path) -> Path:
    """Return a site with Pyodide as it is published, its wheels, our wheel and onnxruntime-web."""
    folder = tmp_path / "foreign"
    shutil.copytree(npm.package("pyodide"), folder / "pyodide")
    for wheel in pyodide_wheels.ensure().values():
        shutil.copy(wheel, folder / "pyodide")
    for place in ("wheels", "worker", "runtime/ort", "runtime/tesseract"):
        shutil.copytree(site_dir / place, folder / place)
    return folder


def wheel_in(site: Path, server: SiteServer) -> str:
    """Return the address of the wheel."""
    (wheel,) = (site / "wheels").glob("seesay-*.whl")
    return f"{server.url}wheels/{wheel.name}"


def readme_code() -> str:
    """Return the README's Python."""
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    return str(code)


def test_the_readme_example_and_captions_as_the_sites(
    new_context: ContextFactory, foreign_site: Path
) -> None:
    """On the wheel's own copy of the model; what it takes from the site is onnxruntime-web."""
    (foreign_site / "index.html").write_text(PAGE)
    file = io.BytesIO()
    Image.effect_noise((64, 48), 80).convert("RGB").save(file, "PNG")
    files = {"data": file.getvalue(), "DRAWING": DRAWING.read_bytes()}
    files |= {"PHOTOGRAPH": PHOTOGRAPH.read_bytes(), "SCREEN": screenshot()}
    with start_hub() as hub, serve(foreign_site, isolated=False) as server, Captioner() as here:
        address = wheel_in(foreign_site, server)
        code, replaced = re.subn(r"https://\S+/seesay-\S+?\.whl", address, readme_code())
        assert replaced == 1
        page = new_context(allowed=(server.url, hub.url, hub.files_url))[0].pages[0]
        page.goto(server.url)
        page.get_by_text("ready").wait_for(timeout=WAIT_MS)
        given = "".join(f"{name} = {base64.b64encode(data)!r}\n" for name, data in files.items())
        given += f"HUB, MODEL = {hub.url!r}, {MODEL!r}\n"
        page.evaluate(RUN, f"import base64\n{given}data = base64.b64decode(data)")
        page.evaluate(RUN, code)
        digest = "import hashlib\nhashlib.sha256(pixel_values.tobytes()).hexdigest()"
        shape, sha256 = page.evaluate(RUN, "str(pixel_values.shape)"), page.evaluate(RUN, digest)
        said = page.evaluate(
            f"async (code) => ({RUN})(code).then((found) => found.toJs())", CAPTION
        )
        first, second = here.caption(DRAWING, num_beams=4), here.caption(PHOTOGRAPH)

    processor = ImageProcessor.from_config({"image_processor_type": "ViTImageProcessor"})
    expected = processor(read_image(files["data"], target_size=processor.target_size).pixels)
    assert shape == "(1, 3, 224, 224)"
    assert sha256 == hashlib.sha256(expected.tobytes()).hexdigest()
    assert said[:4] == [first.caption, first.model.revision, second.caption, second.kind]
    assert said[0] == SAID
    words, refusal, *fetched = said[4:]
    assert set(words.splitlines()) == set(WORDS)
    assert "is not on this device" in refusal
    assert fetched == ["ready", MODEL]


def test_a_pyscript_page_captions(new_context: ContextFactory, foreign_site: Path) -> None:
    shutil.copytree(npm.package("@pyscript/core") / "dist", foreign_site / "pyscript")
    shutil.copy(DRAWING, foreign_site / "drawing.png")
    with serve(foreign_site, isolated=False) as server:
        text = PYSCRIPT.replace("WHEEL", wheel_in(foreign_site, server))
        (foreign_site / "index.html").write_text(text)
        page = new_context(allowed=(server.url,))[0].pages[0]
        page.goto(server.url)
        expect(page.locator("output")).to_have_text(SAID)
