// @ts-check
/**
 * Runs the unit tests of pycore inside Pyodide under Node, on the very files that the site ships:
 * byte-compiled standard library, slimmed NumPy and Pillow, byte-compiled pycore.
 *
 * usage: node run.mjs SITE_DIR SITE_PACKAGES FULL_STDLIB [pytest options]
 *
 * SITE_DIR holds runtime/pyodide and runtime/python.pack; SITE_PACKAGES holds pytest, which is pure
 * Python and so runs from the environment that this machine made. FULL_STDLIB is the standard
 * library as Pyodide ships it: pytest needs more of it than the site does.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { inflate, layOutBeforePython } from "../../worker/captioner/python_files.mjs";

const PYTHON = `
import importlib
import os
import pkgutil
import sys

def main(options):
    # First with nothing but what the site ships: is anything missing from its archives?
    import pycore

    for module in pkgutil.walk_packages(pycore.__path__, "pycore."):
        importlib.import_module(module.name)
    # Behind Pyodide's own packages, so that pycore, NumPy and Pillow are the site's.
    sys.path += ["/host-packages", "/repo", "/full_stdlib.zip"]
    sys.dont_write_bytecode = True
    # Plugins of this machine's environment, such as hypothesis', may be native code.
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.chdir("/repo")
    import pytest

    paths = [option for option in options if os.path.exists(option.partition("::")[0])]
    return int(pytest.main([
        "-q", "-p", "no:cacheprovider", "-p", "no:faulthandler", "-o", "pythonpath=",
        "--basetemp=/tmp/pytest", *options, *([] if paths else ["tests/unit"]),
    ]))

main
`;

/**
 * @param {string} siteDir
 * @param {string} sitePackages
 * @param {string} fullStdlib
 * @param {string[]} options
 * @returns {Promise<number>} pytest's exit status
 */
async function main(siteDir, sitePackages, fullStdlib, options) {
  const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
  const pyodideDir = path.resolve(siteDir, "runtime/pyodide");
  const { loadPyodide } = await import(pathToFileURL(path.join(pyodideDir, "pyodide.mjs")).href);
  const packed = readFileSync(path.join(siteDir, "runtime/python.pack"));
  const archive = inflate(new Response(packed));
  const fsInit = layOutBeforePython(archive);
  const [pyodide] = await Promise.all([loadPyodide({ indexURL: pyodideDir, fsInit }), archive]);
  for (const [folder, mountPoint] of [[root, "/repo"], [sitePackages, "/host-packages"]]) {
    pyodide.FS.mkdirTree(mountPoint);
    pyodide.mountNodeFS(mountPoint, path.resolve(folder));
  }
  pyodide.FS.writeFile("/full_stdlib.zip", readFileSync(fullStdlib));
  return pyodide.runPython(PYTHON)(pyodide.toPy(options));
}

const [siteDir, sitePackages, fullStdlib, ...options] = process.argv.slice(2);
main(siteDir, sitePackages, fullStdlib, options).then(process.exit, (error) => {
  // Left to Node, this would print Pyodide's minified source line, all of it.
  console.error(error.message);
  process.exit(1);
});
