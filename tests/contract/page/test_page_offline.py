"""When the page has its files kept for offline use, in MicroPython itself."""

from __future__ import annotations

import asyncio
import importlib
import json
import subprocess
from types import SimpleNamespace
from unittest.mock import AsyncMock, MagicMock

import pytest

from tests.contract.page.library_page import opened_page
from tests.contract.page.page_stand_ins import JsError
from tools import npm
from tools.project import ROOT

SCRIPT = """
const [interpreter, pages] = process.argv.slice(2);
const { readFileSync } = await import("node:fs");
const { loadMicroPython } = await import(`${interpreter}/micropython.mjs`);
const micropython = await loadMicroPython({ url: `${interpreter}/micropython.wasm` });
const patience = [];
globalThis.setTimeout = (end) => void patience.push(end);
const posted = [], asked = [], registered = [];
let isBlocked = false;
const later = () => new Promise((resolve) => setImmediate(resolve));
const container = {
  addEventListener() {},
  controller: null,
  register: async (url) => {
    registered.push(url);
    if (isBlocked) return undefined;
    return { addEventListener() {}, waiting: null, installing: null };
  },
  ready: Promise.resolve({ active: { postMessage: ({ kind }) => posted.push(kind) } }),
};
Object.defineProperty(globalThis, "navigator", { value: { serviceWorker: container } });
for (const folder of ["/page", "/page/browser", "/pyscript"]) micropython.FS.mkdir(folder);
const pyscript = "import js as window\\nimport jsffi as ffi\\ndocument = None";
micropython.FS.writeFile("/pyscript/__init__.py", pyscript);
micropython.FS.writeFile("/page/texts.py", "def kept(used_bytes):\\n    return used_bytes");
const view = `import js
def element(_name):
    return js.element
def show_storage(used):
    js.stored.push(used)
`;
globalThis.stored = [];
micropython.FS.writeFile("/page/view.py", view);
for (const name of ["browser/events", "offline"]) {
  micropython.FS.writeFile(`/page/${name}.py`, readFileSync(`${pages}/${name}.py`));
}
globalThis.element = { addEventListener() {} };

const seen = {};
for (const name of ["warm", "patience", "kept", "failed", "blocked"]) {
  const ends = {};
  container.controller = name === "kept" ? {} : null;
  isBlocked = name === "blocked";
  globalThis.trial = {
    captioner: {
      ready: new Promise((resolve, reject) => {
        ends.ready = name === "failed" ? () => reject(new Error("no wasm")) : resolve;
      }),
      load: async (model) => void asked.push(model),
      models: { list: async () => ({ storage: {} }) },
    },
    warm: new Promise((resolve) => (ends.warm = resolve)),
  };
  micropython.runPython(`
import sys
if "/" not in sys.path:
    sys.path.append("/")
import js
from page import offline
from page.browser.events import start
start(offline.keep(js.trial.captioner, js.trial.warm))
`);
  await later();
  const steps = [registered.length, posted.length, patience.length];
  ends.ready();
  await later();
  steps.push(registered.length, posted.length, patience.length);
  if (name === "patience") patience.pop()();
  else ends.warm();
  await later();
  seen[name] = [steps, registered.splice(0), posted.splice(0)];
  patience.length = 0;
}
console.log(JSON.stringify({ seen, asked, stored }));
"""


def test_files_are_kept_once_the_page_is_warm_or_that_takes_too_long() -> None:
    package = npm.package("@micropython/micropython-webassembly-pyscript")
    ran = subprocess.run(
        # "test": see test_page_events.py
        [npm.node(), "--input-type=module", "-e", SCRIPT, "test", package, ROOT / "web/page"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout, ran.stderr
    told = json.loads(ran.stdout)
    waited = [0, 0, 0, 0, 0, 1]  # nothing before the worker is ready, nor at once then
    script = ["service_worker.js"]
    assert told["seen"] == {
        "warm": [waited, script, ["fill"]],
        "patience": [waited, script, ["fill"]],
        "kept": [[1, 0, 0, 1, 0, 1], script, ["fill"]],  # there may be a new version
        "failed": [[0, 0, 0, 1, 0, 0], script, []],
        "blocked": [waited, script, []],
    }
    assert told["stored"] == [0]  # without a service worker what is kept is told at once
    assert told["asked"] == []  # no model: a person may have chosen another by then


def test_a_new_version_that_does_not_come_whole_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    with opened_page(monkeypatch) as page:
        offline = importlib.import_module("page.offline")
        updates = offline.Updates(MagicMock(), MagicMock())
        reason = "the connection broke off."
        updates.on_message(SimpleNamespace(data=SimpleNamespace(kind="unprepared", reason=reason)))
        assert reason in page.elements["offline"].textContent


@pytest.mark.parametrize(
    ("kind", "message", "said"),
    [
        ("TypeError", "An unknown error occurred when fetching the script.", "yet: the connection"),
        ("TypeError", "A bad HTTP response code (404) was received.", "Tell whoever runs this"),
        ("SecurityError", "The operation is insecure.", "keeps nothing for this site"),
    ],
)
def test_why_no_service_worker_came_is_told_apart(
    monkeypatch: pytest.MonkeyPatch, kind: str, message: str, said: str
) -> None:
    with opened_page(monkeypatch) as page:
        offline = importlib.import_module("page.offline")
        page.window.navigator = SimpleNamespace(onLine=True)
        container = MagicMock(controller=None)
        container.register = AsyncMock(side_effect=JsError(None, kind, message))
        asyncio.run(offline._register(offline.Updates(container, MagicMock())))
        assert said in page.elements["offline"].textContent
