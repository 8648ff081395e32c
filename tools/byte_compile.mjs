// @ts-check
/**
 * Byte-compiles archives with pyodide-build's own compiler, inside Pyodide: byte code must come
 * from the very Python that will run it, and Pyodide carries that Python.
 *
 * usage: node byte_compile.mjs PYODIDE_DIR PACKAGES_DIR WORK_DIR [PYTHON_OPTION]
 *
 * PACKAGES_DIR holds pyodide-build and what it imports. Every .zip and .whl in WORK_DIR is
 * replaced by its compiled form; wheels get the name that pyodide-build gives them. With the
 * option -OO the byte code has no docstrings.
 */
import { pathToFileURL } from "node:url";
import path from "node:path";
import process from "node:process";

const PYTHON = `
import sys
from pathlib import Path

sys.path.append("/packages")
sys.dont_write_bytecode = True

from pyodide_build._py_compile import _py_compile_archive

for archive in sorted([*Path("/work").glob("*.zip"), *Path("/work").glob("*.whl")]):
    _py_compile_archive(archive, keep=False, verbose=False)
`;

/**
 * @param {string} pyodideDir
 * @param {string} packagesDir
 * @param {string} workDir
 * @param {string[]} pythonOptions
 */
async function main(pyodideDir, packagesDir, workDir, pythonOptions) {
  const { loadPyodide } = await import(pathToFileURL(path.join(pyodideDir, "pyodide.mjs")).href);
  const pyodide = await loadPyodide({
    indexURL: pyodideDir,
    args: pythonOptions,
    // With a fixed date, py_compile marks files by hash, not by time: equal input, equal output.
    env: { HOME: "/home/pyodide", SOURCE_DATE_EPOCH: "315532800" },
  });
  for (const [folder, mountPoint] of [[packagesDir, "/packages"], [workDir, "/work"]]) {
    pyodide.FS.mkdirTree(mountPoint);
    pyodide.mountNodeFS(mountPoint, folder);
  }
  pyodide.runPython(PYTHON);
}

const [folders, options] = [process.argv.slice(2, 5), process.argv.slice(5)];
const [pyodideDir, packagesDir, workDir] = folders.map((folder) => path.resolve(folder));
main(pyodideDir, packagesDir, workDir, options).catch((error) => {
  // Left to Node, this would print Pyodide's minified source line, all of it.
  console.error(error.message);
  process.exit(1);
});
