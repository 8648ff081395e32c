"""Reads the words in pictures: the site's Tesseract, in a worker of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyodide.code import run_js
from pyodide.ffi import JsException

from pycore.errors import AssetError
from seesay.pyodide.runtime import import_script, site_folder

if TYPE_CHECKING:
    from worker.browser.text_reader import TextReader

MISSING = (
    "The words in this picture could not be read: what reads them is not among the site's files. "
    "Say with base_url where a built Seesay site lies."
)
# A worker's script must be of the page's own origin; the modules that it imports need not.
_START = """(url) => () => {
  const source = new Blob([`import ${JSON.stringify(url)};`], { type: "text/javascript" });
  return new Worker(URL.createObjectURL(source), { type: "module", name: "seesay-reader" });
}"""


async def open_reader(base_url: str | None) -> TextReader:
    """Return a reader; its files are fetched when it first reads.

    Args:
        base_url: of the site, or of the npm package's assets; None: where the wheel came from.

    Raises:
        AssetError: the site has none.
    """
    # Not before it is needed: most images are no pages of text.
    from worker.browser.text_reader import TextReader  # noqa: PLC0415

    folder = site_folder(base_url)
    try:
        module = await import_script(f"{folder}worker/text_recognition/text_reader.mjs")
    except JsException as error:
        raise AssetError(MISSING, detail=str(error)) from error
    make_worker = run_js(_START)(f"{folder}worker/text_recognition/reader_worker.mjs")
    return TextReader(module.TextReader.new(f"{folder}runtime/tesseract/", make_worker))
