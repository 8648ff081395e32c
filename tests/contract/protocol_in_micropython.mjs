// @ts-check
/** Run worker/protocol.py in MicroPython on the cases from standard input; answers as JSON. */

import { readFileSync } from "node:fs";

const [interpreter, protocol] = /** @type {[string, string]} */ (
  /** @type {unknown} */ (process.argv.slice(2))
);
const { loadMicroPython } = await import(`${interpreter}/micropython.mjs`);
/** @type {string[]} */
const lines = [];
const micropython = await loadMicroPython({
  url: `${interpreter}/micropython.wasm`,
  linebuffer: true,
  stdout: (/** @type {string} */ line) => lines.push(line),
});
micropython.FS.mkdir("/worker");
micropython.FS.writeFile("/worker/protocol.py", readFileSync(protocol));
micropython.FS.writeFile("/cases.json", readFileSync(0));
micropython.FS.writeFile(
  "/worker/answers.py",
  readFileSync(new URL("protocol_answers.py", import.meta.url)),
);
micropython.runPython(
  "import sys; sys.path.append('/worker'); import answers; answers.main('/cases.json')",
);
console.log(lines.join(""));
