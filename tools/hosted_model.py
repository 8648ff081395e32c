"""A model hosted with the site: fetched at build time or taken from a folder, and verified.

Files larger than hosts allow are cut into parts; a manifest says which parts make which file.
"""

from __future__ import annotations

import json
import socket
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote

from pycore.models.catalogue import HUB_ENTRIES, ModelEntry, ModelFile
from tools.files import copy, new_file, sha256, write_text
from tools.project import BuildError, cache_dir

# GitHub Pages refuses files over 100 MB, Cloudflare Pages those over 25 MiB.
PART_BYTES = 24 * 2**20
CHUNK_BYTES = 2**20
TIMEOUT_S = 60
OFFICIAL_HUB = "https://huggingface.co"
ATTEMPTS = 4


def add(site: Path, model_id: str, folder: Path | None, hub: str | None) -> str:
    """Put a model's files into the site, in parts.

    Args:
        site: the site being built.
        model_id: of an entry of the catalogue.
        folder: where the files are; None fetches them (once: they stay in the cache).
        hub: address of a mirror to fetch from, or None for the official hub.

    Returns:
        The manifest's address inside the site.

    Raises:
        BuildError: the model is unknown, or a file is missing or not the right one.
    """
    entry = HUB_ENTRIES.get(model_id)
    if entry is None:
        raise BuildError(f"There is no model {model_id!r}; known are {', '.join(HUB_ENTRIES)}.")
    files = [
        {"path": file.path, "sha256": file.sha256, "parts": _write_parts(site, entry, file, source)}
        for file, source in _sources(entry, folder, hub or OFFICIAL_HUB)
    ]
    place = f"models/{entry.id}/manifest.json"
    manifest = {"id": entry.id, "revision": entry.revision, "files": files}
    write_text(site / place, json.dumps(manifest, indent=1) + "\n")
    return place


def _sources(entry: ModelEntry, folder: Path | None, hub: str) -> list[tuple[ModelFile, Path]]:
    """Return every file of the model with a verified copy on this machine."""
    found = []
    for file in entry.files:
        if folder is None:
            path = _fetched(entry, file, hub)
        else:
            path = folder / file.path
            if not path.is_file():
                raise BuildError(f"{path} is missing; {entry.name} needs it.")
            _verify(path, file, f"{path} is not the right file:")
        found.append((file, path))
    return found


def _verify(path: Path, file: ModelFile, what: str) -> None:
    if path.stat().st_size != file.size_bytes:
        raise BuildError(f"{what} it has {path.stat().st_size} bytes, not {file.size_bytes}.")
    if sha256(path) != file.sha256:
        raise BuildError(f"{what} its SHA-256 differs from the catalogue's.")


def _fetched(entry: ModelEntry, file: ModelFile, hub: str) -> Path:
    """Return the cached copy of a file, fetching it if need be."""
    target = cache_dir() / "models" / entry.id / entry.revision / file.path
    if target.is_file() and sha256(target) == file.sha256:
        return target
    url = f"{hub.rstrip('/')}/{entry.repository}/resolve/{quote(entry.revision)}/{quote(file.path)}"
    print(f"Fetching {file.path} ({file.size_bytes / 1e6:.1f} MB) ...", flush=True)
    with new_file(target) as fresh:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                _download(url, fresh)
                # urllib takes a connection that ends early for the end of the file.
                if fresh.stat().st_size < file.size_bytes:
                    raise ConnectionError(f"cut off after {fresh.stat().st_size} bytes")
                break
            except (urllib.error.URLError, OSError) as error:
                if attempt == ATTEMPTS or _is_final(error):
                    raise BuildError(
                        f"{file.path} of {entry.name} is missing and could not be fetched from "
                        f"{hub} ({error}); --model-dir takes it from a folder."
                    ) from error
                time.sleep(2**attempt)
        _verify(fresh, file, f"{url} gave something else:")
    return target


def _is_final(error: Exception) -> bool:
    """Say whether asking again is pointless: the hub said no, or there is no way to it."""
    if isinstance(error, urllib.error.HTTPError):
        return error.code < 500 and error.code != 429
    return isinstance(error, urllib.error.URLError) and isinstance(error.reason, socket.gaierror)


def _download(url: str, target: Path) -> None:
    """Fetch into a file, going on from what is there."""
    start = target.stat().st_size if target.is_file() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={start}-"} if start else {})
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
        mode = "ab" if answer.status == 206 else "wb"
        with target.open(mode) as stream:
            while chunk := answer.read(CHUNK_BYTES):
                stream.write(chunk)


def _write_parts(
    site: Path, entry: ModelEntry, file: ModelFile, source: Path
) -> list[dict[str, str | int]]:
    """Write one file's parts; return their addresses, relative to the manifest, and sizes."""
    folder = site / "models" / entry.id
    if file.size_bytes <= PART_BYTES:
        copy(source, folder / file.path)
        return [{"url": file.path, "size_bytes": file.size_bytes}]
    parts: list[dict[str, str | int]] = []
    with source.open("rb") as stream:
        while chunk := stream.read(PART_BYTES):
            url = f"{file.path}.part{len(parts):02}"
            (folder / url).parent.mkdir(parents=True, exist_ok=True)
            (folder / url).write_bytes(chunk)
            parts.append({"url": url, "size_bytes": len(chunk)})
    return parts
