// @ts-check
/**
 * Byte-compiles archives with pyodide-build's own compiler, inside Pyodide: byte code must come
 * from the very Python that will run it, and Pyodide carries that Python.
 *
 * usage: node byte_compile.mjs PYODIDE_DIR PACKAGES_DIR WORK_DIR
 *
 * PACKAGES_DIR holds pyodide-build and what it imports. Every .zip and .whl in WORK_DIR is
 * replaced by its compiled form; wheels get the name that pyodide-build gives them.
 */
import { pathToFileURL } from "node:url";
import path from "node:path";

const [pyodideDir, packagesDir, workDir] = process.argv.slice(2).map((arg) => path.resolve(arg));
const { loadPyodide } = await import(pathToFileURL(path.join(pyodideDir, "pyodide.mjs")).href);
const pyodide = await loadPyodide({
  indexURL: pyodideDir,
  // With a fixed date, py_compile marks files by hash instead of by time: equal input, equal output.
  env: { HOME: "/home/pyodide", SOURCE_DATE_EPOCH: "315532800" },
});
for (const [folder, mountPoint] of [[packagesDir, "/packages"], [workDir, "/work"]]) {
  pyodide.FS.mkdirTree(mountPoint);
  pyodide.mountNodeFS(mountPoint, folder);
}
pyodide.runPython(`
import sys
from pathlib import Path

sys.path.append("/packages")
sys.dont_write_bytecode = True

from pyodide_build._py_compile import _py_compile_archive

for archive in sorted([*Path("/work").glob("*.zip"), *Path("/work").glob("*.whl")]):
    _py_compile_archive(archive, keep=False, verbose=False)
`);
