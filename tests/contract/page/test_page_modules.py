"""The page's modules in MicroPython itself: it takes their syntax, and needs no name of a type."""

from __future__ import annotations

import json
import re
import subprocess

from tools import npm, page_bundle
from tools.project import ROOT

WEB = ROOT / "web"
SCRIPT = """
const [interpreter] = process.argv.slice(2);
const { readFileSync } = await import("node:fs");
const { loadMicroPython } = await import(`${interpreter}/micropython.mjs`);
const micropython = await loadMicroPython({ url: `${interpreter}/micropython.wasm` });
const { files, python } = JSON.parse(readFileSync(0));
for (const [name, text] of Object.entries(files)) {
  const folders = name.split("/").slice(0, -1);
  folders.forEach((_, i) => {
    const folder = "/" + folders.slice(0, i + 1).join("/");
    if (!micropython.FS.analyzePath(folder).exists) micropython.FS.mkdir(folder);
  });
  micropython.FS.writeFile(`/${name}`, text);
}
micropython.runPython(python);
"""
PYTHON = """
import sys
sys.path.append("/")
for module in {modules!r}:
    try:
        __import__(module)
        print(module)
    except Exception as error:
        print(module, repr(error))
with open("/page/app.py") as file:  # it would begin to work
    compile(file.read(), "app.py", "exec")
print("page.app")
"""


def test_every_module_can_be_imported() -> None:
    files = {
        path.relative_to(WEB).as_posix(): path.read_text("utf-8") for path in WEB.rglob("*.py")
    }
    files |= dict(page_bundle.shared())
    modules = sorted(name.removesuffix(".py").replace("/", ".") for name in files)
    modules.remove("page.app")
    scripts = json.loads((WEB / "pyscript.json").read_text("utf-8"))["js_modules"]["main"].values()
    stand_ins = {
        "pyscript/__init__.py": "document = ffi = js_import = window = None",
        "pyscript/js_modules.py": " = ".join([*scripts, "None"]),
    }
    given = {"files": files | stand_ins, "python": PYTHON.format(modules=modules)}
    package = npm.package("@micropython/micropython-webassembly-pyscript")
    ran = subprocess.run(
        # "test": see test_page_events.py
        [npm.node(), "--input-type=module", "-e", SCRIPT, "test", package],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout.splitlines() == [*modules, "page.app"], ran.stderr


def test_what_the_page_looks_for_is_there() -> None:
    """Ids and classes that stand in strings of the page's Python, none of them put together."""
    html = (WEB / "index.html").read_text("utf-8")
    ids = set(re.findall(r'\bid="([^"]+)"', html))
    classes = {one for names in re.findall(r'class="([^"]+)"', html) for one in names.split()}
    asked, wanted, made = set(), set(), set()
    for path in (WEB / "page").rglob("*.py"):
        text = path.read_text("utf-8")
        asked |= set(re.findall(r'\belement\("([\w-]+)"\)', text))
        wanted |= set(re.findall(r'"[.]([a-z]+-[a-z-]+)"', text))
        made |= {
            one for name in re.findall(r'className = f?"([^"]+)"', text) for one in name.split()
        }
    assert len(asked) > 100
    assert {"rule-remove", "rule-sentence"} <= wanted
    assert asked <= ids
    assert wanted <= classes | made
