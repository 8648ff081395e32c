"""onnxruntime-web, started by the worker's own module from where the site's files lie."""

from __future__ import annotations

from importlib import metadata
from typing import Any

from js import URL, Promise, location
from pyodide.code import run_js
from pyodide.ffi import JsException, create_proxy

from pycore.errors import AssetError, ConfigurationError

_WHEELS = "wheels/"
"""Where the wheel lies in a site."""


async def start_runtime(base_url: str | None, num_threads: int) -> Any:
    """Start onnxruntime-web.

    Args:
        base_url: of the site, or of the npm package's assets; None: where the wheel came from.
        num_threads: for the model.

    Returns:
        An OrtRuntime of worker/inference/runtime.mjs.

    Raises:
        ConfigurationError: nothing tells where the files are.
        AssetError: they are not there, or do not start.
    """
    folder = site_folder(base_url)
    try:
        module = await import_script(f"{folder}worker/inference/runtime.mjs")
        return await module.OrtRuntime.start(
            f"{folder}runtime/ort/", num_threads, Promise.resolve(), create_proxy(_ignore)
        )
    except JsException as error:
        raise AssetError(
            f"onnxruntime-web could not be started from {folder}. A built Seesay site, or the "
            "assets of its npm package, must lie there; say where with base_url.",
            detail=str(error),
        ) from error


def site_folder(base_url: str | None) -> str:
    """Return the address of the site's files, which ends in ``/``.

    Raises:
        ConfigurationError: nothing tells where they are.
    """
    base = str(URL.new(base_url or _site_of_wheel(), location.href).href)
    return base if base.endswith("/") else f"{base}/"


async def import_script(url: str) -> Any:
    """Return what a JavaScript module exports.

    Raises:
        JsException: it cannot be had.
    """
    return await run_js("(url) => import(url)")(url)


def _site_of_wheel() -> str:
    """Return the address of the site that micropip had the wheel from.

    Source: micropip 0.11, ``WheelInfo``, which writes the file PYODIDE_URL.

    Raises:
        ConfigurationError: it came from elsewhere.
    """
    address = metadata.distribution("seesay").read_text("PYODIDE_URL") or ""
    site, _, name = address.rpartition(_WHEELS)
    if not site or "/" in name:
        raise ConfigurationError("Say with base_url where a built Seesay site lies.")
    return site


def _ignore(_seconds: float) -> None:
    """Nobody watches over this thread."""
