"""Fetch something small and whole: a manifest, a list of files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pycore.download.fetch_failures import judge_silence, judge_start, judge_status
from pycore.download.fetcher import ConnectionLostError, StalledError
from pycore.errors import AssetError, NetworkError
from pycore.json_data import parse_json

if TYPE_CHECKING:
    from pycore.download.fetcher import Fetcher, StopSignal

LIMIT_BYTES = 16 * 2**20
"""More than any manifest or tokenizer needs; guards the memory against a wrong address."""


async def fetch_small(fetcher: Fetcher, url: str, stop: StopSignal) -> bytes:
    """The body at ``url``, tried once.

    Raises:
        NetworkError: when it cannot be had.
        AssetError: when it is a web page, an LFS pointer or too large.
        CancelledError: on a stop.
    """
    parts = urlsplit(url)
    path = parts.path.rpartition("/")[2]
    try:
        response = await fetcher.get(url, stop=stop)
        setback = judge_status(response.status, response.headers, parts.netloc, path)
        body = bytearray()
        while setback is None and (chunk := await response.read()):
            body += chunk
            if len(body) > LIMIT_BYTES:
                response.close()
                raise AssetError(f"{path} from {parts.netloc} is far too large to be right.")
        response.close()
    except ConnectionLostError as error:
        setback = judge_silence(
            parts.netloc,
            offline=fetcher.is_offline(),
            stalled=isinstance(error, StalledError),
            detail=str(error),
        )
        raise NetworkError(setback.message, detail=setback.detail) from error
    if setback is not None:
        raise NetworkError(setback.message, detail=setback.detail)
    setback = judge_start(bytes(body), path)
    if setback is not None:
        raise AssetError(setback.message, detail=setback.detail)
    return bytes(body)


async def fetch_json(fetcher: Fetcher, url: str, stop: StopSignal) -> Any:
    """The JSON at ``url``.

    Raises:
        NetworkError: when it cannot be had.
        AssetError: when it is not JSON.
        CancelledError: on a stop.
    """
    body = await fetch_small(fetcher, url, stop)
    try:
        return parse_json(body)
    except ValueError as error:
        raise AssetError(
            f"{urlsplit(url).netloc} sent something unreadable.", detail=url
        ) from error
