"""``seesay serve``: the endpoint on localhost until Ctrl+C."""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pycore.endpoint.request_path import parse_path
from pycore.errors import ConfigurationError
from seesay.cli.console import complain, say
from seesay.cli.exit_codes import DONE
from seesay.server.guarded_fetch import GuardedFetch
from seesay.server.http_server import CaptionServer
from seesay.server.service import CaptionService
from seesay.server.sources import Sources

if TYPE_CHECKING:
    from seesay.captioner.captioner import Captioner


def serve(
    captioner: Captioner,
    *,
    port: int,
    aliases: Sequence[str],
    sites: Sequence[str],
    origins: Sequence[str],
    options: Mapping[str, Any],
) -> int:
    """Serve until somebody presses Ctrl+C, or the process is asked to end (SIGTERM).

    Args:
        captioner: captions.
        port: 0 for any that is free.
        aliases: granted folders, each ``NAME=FOLDER``.
        sites: that images may be fetched from.
        origins: of pages that may ask.
        options: of every caption.

    Returns:
        The exit status.

    Raises:
        ConfigurationError: one of these cannot be honoured.
        AssetError: the model is not on this machine.
    """
    sources = Sources(_folders(aliases), GuardedFetch(sites))
    captioner.load()  # what is wrong with the model shows now
    with CaptionServer(CaptionService(captioner, sources, options), port, origins) as server:
        say(f"{server.url}api/caption")
        complain("POST an image to that address; Ctrl+C ends the server.")
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # how service managers end it
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return DONE
    return DONE


def _folders(aliases: Sequence[str]) -> dict[str, Path]:
    folders = {}
    for alias in aliases:
        name, _, folder = alias.partition("=")
        path = Path(folder)
        if not folder or not path.is_dir():
            raise ConfigurationError(f"--alias takes NAME=FOLDER; {folder!r} is no folder.")
        if parse_path(f"caption/src://{name}/x").source.alias != name:
            raise ConfigurationError(f"{name!r} is no name for a folder: letters, digits, - and _.")
        folders[name] = path
    return folders
