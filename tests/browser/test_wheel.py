"""The wheel: the README's Python runs in a Pyodide page that has nothing else of Seesay."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import shutil
from pathlib import Path

import pytest
from PIL import Image

from pycore.images.file import read_image
from pycore.images.processor import ImageProcessor
from seesay import Captioner
from tests.browser.conftest import FIXTURES, ContextFactory
from tests.browser.page_steps import WAIT_MS
from tools import npm, pyodide_wheels
from tools.project import ROOT
from tools.server import serve

PAGE = """<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
<script type="module">
import { loadPyodide } from "./pyodide/pyodide.mjs";
window.pyodide = await loadPyodide();
await window.pyodide.loadPackage("micropip");
document.body.append("ready");
</script>"""

RUN = "code => pyodide.runPythonAsync(code)"


@pytest.fixture
def foreign_site(site_dir: Path, tmp_path: Path) -> Path:
    """Return a site with Pyodide as it is published, its wheels, and our wheel."""
    folder = tmp_path / "foreign"
    shutil.copytree(npm.package("pyodide"), folder / "pyodide")
    for wheel in pyodide_wheels.ensure().values():
        shutil.copy(wheel, folder / "pyodide")
    shutil.copytree(site_dir / "wheels", folder / "wheels")
    (folder / "index.html").write_text(PAGE)
    return folder


def readme_code() -> str:
    """Return the README's Python."""
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    return str(code)


def test_readme_example(new_context: ContextFactory, foreign_site: Path) -> None:
    file = io.BytesIO()
    Image.effect_noise((64, 48), 80).convert("RGB").save(file, "PNG")
    data = file.getvalue()
    (wheel,) = (foreign_site / "wheels").glob("seesay-*.whl")
    with serve(foreign_site, isolated=False) as server:
        code, replaced = re.subn(
            r"https://\S+/seesay-\S+?\.whl", f"{server.url}wheels/{wheel.name}", readme_code()
        )
        assert replaced == 1
        page = new_context(allowed=(server.url,))[0].pages[0]
        page.goto(server.url)
        page.get_by_text("ready").wait_for(timeout=WAIT_MS)
        page.evaluate(RUN, f"import base64\ndata = base64.b64decode({base64.b64encode(data)!r})")
        page.evaluate(RUN, code)
        digest = "import hashlib\nhashlib.sha256(pixel_values.tobytes()).hexdigest()"
        shape, sha256 = page.evaluate(RUN, "str(pixel_values.shape)"), page.evaluate(RUN, digest)

    processor = ImageProcessor.from_config({"image_processor_type": "ViTImageProcessor"})
    expected = processor(read_image(data, target_size=processor.target_size).pixels)
    assert shape == "(1, 3, 224, 224)"
    assert sha256 == hashlib.sha256(expected.tobytes()).hexdigest()


CAPTION = """
import base64
import micropip

await micropip.install(WHEEL)

from seesay.pyodide import Captioner

async with Captioner() as captioner:
    drawing = await captioner.caption(base64.b64decode(DRAWING), num_beams=4)
    photograph = await captioner.caption(base64.b64decode(PHOTOGRAPH))
[drawing.caption, drawing.model.revision, photograph.caption, photograph.kind]
"""


def test_the_wheel_captions_as_the_site_does(
    new_context: ContextFactory, foreign_site: Path, site_dir: Path
) -> None:
    """On its own copy of the model; what it takes from the site is onnxruntime-web."""
    for place in ("worker", "runtime/ort"):
        shutil.copytree(site_dir / place, foreign_site / place)
    (wheel,) = (foreign_site / "wheels").glob("seesay-*.whl")
    drawing = FIXTURES / "scenes-128" / "5-a-bee-on-a-street.png"
    photograph = FIXTURES / "photos" / "kodim23.png"
    with serve(foreign_site, isolated=False) as server, Captioner() as here:
        page = new_context(allowed=(server.url,))[0].pages[0]
        page.goto(server.url)
        page.get_by_text("ready").wait_for(timeout=WAIT_MS)
        names = {"DRAWING": drawing.read_bytes(), "PHOTOGRAPH": photograph.read_bytes()}
        given = "".join(f"{name} = {base64.b64encode(data)!r}\n" for name, data in names.items())
        page.evaluate(RUN, f"WHEEL = {f'{server.url}wheels/{wheel.name}'!r}\n{given}")
        said = page.evaluate(
            f"async (code) => ({RUN})(code).then((found) => found.toJs())", CAPTION
        )
        first, second = here.caption(drawing, num_beams=4), here.caption(photograph)
    assert said == [first.caption, first.model.revision, second.caption, second.kind]
    assert said[0] == "a bee on a street"
