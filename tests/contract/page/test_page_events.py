"""Background work of the page, in MicroPython itself: it goes on without any timer."""

from __future__ import annotations

import json
import subprocess

from tools import npm
from tools.project import ROOT

SCRIPT = """
const [interpreter, events] = process.argv.slice(2);
const { readFileSync } = await import("node:fs");
const { loadMicroPython } = await import(`${interpreter}/micropython.mjs`);
const told = [], errors = [];
const micropython = await loadMicroPython({
  url: `${interpreter}/micropython.wasm`,
  linebuffer: true,
  stdout: (line) => told.push(line),
  stderr: (line) => errors.push(line),
});
globalThis.setTimeout = () => { throw new Error("a timer of the page"); };
const message = () => new Promise((resolve) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }) => (port1.close(), resolve(data));
  port2.postMessage("a message");
});
globalThis.promises = {
  message,
  kept: () => Promise.resolve({ size: 3 }),
  nothing: () => Promise.resolve(undefined),
  broken: () => Promise.reject(new TypeError("no way")),
};
const done = new Promise((resolve) => (globalThis.promises.done = resolve));
micropython.FS.writeFile("/pyscript.py", "document = ffi = None");
micropython.FS.mkdir("/page");
micropython.FS.mkdir("/page/browser");
micropython.FS.writeFile("/page/view.py", "");
micropython.FS.writeFile("/page/browser/events.py", readFileSync(events));
micropython.runPython(`
import sys
sys.path.append("/")
from js import promises
from jsffi import JsException
from page.browser.events import start

async def inner():
    return await promises.message()

async def work():
    print("one", await inner())
    print("two", (await promises.kept()).size)
    try:
        await promises.broken()
    except JsException as error:
        print(error.args[1], error.args[2])
    print("nothing", await promises.nothing())
    for _ in range(100):
        await promises.kept()
    promises.done()
    raise ValueError("reported")

start(work())
start(None)
print("started")
`);
await done;
await message();
console.log(JSON.stringify({ told, errors }));
"""


EVENTS = ROOT / "web" / "page" / "browser" / "events.py"


def test_work_goes_on_by_promises_alone() -> None:
    package = npm.package("@micropython/micropython-webassembly-pyscript")
    ran = subprocess.run(
        # MicroPython takes a first argument that is the start of its own path for a call of itself,
        # and would run beside the test.
        [npm.node(), "--input-type=module", "-e", SCRIPT, "test", package, EVENTS],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    seen = json.loads(ran.stdout)
    assert seen["told"] == [
        "started",
        "one a message",
        "two 3",
        "TypeError no way",
        "nothing None",
    ]
    assert seen["errors"][-1] == "ValueError: reported"
