// @ts-check
/**
 * Python's files: the standard library, NumPy, Pillow and Seesay's own code travel as one gzipped
 * tar archive and are laid out before Python starts, by the browser. Python would need a dozen
 * modules and 150 ms to unpack its own packages, and would read its library out of a zip.
 */

/** Of a tar archive, in bytes; every file begins at a multiple of it. */
const BLOCK = 512;

/** @typedef {import("pyodide").PyodideAPI["FS"]} FileSystem */

/**
 * @param {Response} packed
 * @returns {Promise<Uint8Array>} the archive
 */
export async function inflate(packed) {
  const archive = packed.body?.pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(archive).arrayBuffer());
}

/**
 * What loadPyodide takes as fsInit. Python does not start without the archive: if it cannot be had,
 * loadPyodide never settles, and whoever waits for both hears of the archive.
 *
 * @param {Promise<Uint8Array>} archive
 * @returns {(fs: FileSystem, places: { sitePackages: string }) => Promise<void>}
 */
export function layOutBeforePython(archive) {
  return (fs, { sitePackages }) =>
    new Promise((resolve) => {
      archive.then((files) => resolve(layOut(fs, files, `${sitePackages}/..`))).catch(() => {});
    });
}

/**
 * Lay out an archive that holds nothing but files, with names of up to 100 bytes.
 *
 * @param {FileSystem} fs
 * @param {Uint8Array} archive belongs to the file system from now on
 * @param {string} root
 */
function layOut(fs, archive, root) {
  const text = new TextDecoder();
  const field = (/** @type {number} */ at, /** @type {number} */ length) => {
    const bytes = archive.subarray(at, at + length);
    const end = bytes.indexOf(0);
    return text.decode(end < 0 ? bytes : bytes.subarray(0, end));
  };
  const folders = new Set();
  for (let at = 0; archive[at]; ) {
    const path = `${root}/${field(at, 100)}`;
    const size = Number.parseInt(field(at + 124, 12), 8);
    const slash = path.lastIndexOf("/");
    const folder = path.slice(0, slash);
    if (!folders.has(folder)) fs.mkdirTree(folder);
    folders.add(folder);
    const content = archive.subarray(at + BLOCK, at + BLOCK + size);
    fs.createDataFile(folder, path.slice(slash + 1), content, true, true, true);
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
}
