"""What a hub may answer instead of the file, and what to tell the person about it.

Each mood becomes a Setback: one plain sentence that says what happened and what to do, whether
trying again can help, and how long the hub asks to wait.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

HTML_START = re.compile(rb"\s*(<!doctype\s+html|<html|<head|<\?xml)", re.IGNORECASE)
LFS_POINTER = b"version https://git-lfs.github.com/spec/"
SNIFFED_BYTES = 64
"""Enough of a body's start to tell a web page or an LFS pointer from a model file."""


@dataclass(frozen=True)
class Setback:
    """Why an attempt failed.

    Attributes:
        message: the sentence for the person.
        tries: how often in a row this may happen before giving up; 1 where repeating cannot help.
        wait_s: seconds that the server asked to wait, None when it did not say.
        wrong_file: something else than this file was offered.
        restart: what is kept of the file does not fit the server's; fetch it from its start.
        detail: for developers.
    """

    message: str
    tries: int = 6
    wait_s: float | None = None
    wrong_file: bool = False
    restart: bool = False
    detail: str = ""


def judge_silence(host: str, *, offline: bool, stalled: bool, detail: str = "") -> Setback:
    """No answer at all, or a body that broke off.

    A browser hides why: no network, a name that does not resolve, a 404 without CORS headers and
    a firewall all look the same.
    """
    if offline:
        return Setback("This device is offline. Connect it, then go on.", detail=detail)
    if stalled:
        message = f"{host} stopped sending. Check the connection, then go on."
        return Setback(message, detail=detail)
    message = (
        f"{host} cannot be reached: the connection broke, or this network blocks it. "
        "Check the connection, then go on, or import the model from a file."
    )
    return Setback(message, detail=detail)


def judge_status(status: int, headers: Mapping[str, str], host: str, path: str) -> Setback | None:
    """Judge an HTTP status; None when the body should be read.

    Args:
        status: of the final answer.
        headers: names in lower case; those that CORS hides are missing.
        host: the name of the server, for the sentence.
        path: the file that was asked for.
    """
    detail = f"HTTP {status} for {path} from {host}"
    if status in {200, 206}:
        return None
    if status == 416:
        message = (
            f"{host} has a shorter {path} than this model's. "
            "Use another mirror, or import the model from a file."
        )
        return Setback(message, tries=1, wrong_file=True, restart=True, detail=detail)
    if status == 429:
        message = f"{host} gets too many requests from this network. Wait a few minutes and go on."
        return Setback(message, wait_s=_asked_wait_s(headers), detail=detail)
    if status in {401, 403}:
        # A signed address that expired answers so; the resolve address gives a new one.
        message = (
            f"{host} refuses to give {path} (status {status}). Try later, or import the model."
        )
        return Setback(message, tries=3, detail=detail)
    if status in {404, 410}:
        message = f"{host} does not have {path} (status {status}). Import the model from a file."
        return Setback(message, tries=1, detail=detail)
    if status >= 500 or status == 408:
        message = f"{host} is in trouble (status {status}). Try again in a few minutes."
        return Setback(message, wait_s=_asked_wait_s(headers), detail=detail)
    message = f"{host} gave an unexpected answer (status {status}). Import the model from a file."
    return Setback(message, tries=1, detail=detail)


def judge_start(start: bytes, path: str) -> Setback | None:
    """Judge the first bytes of a file's body; None when they may be the file's.

    Args:
        start: at least SNIFFED_BYTES bytes, or the whole body.
        path: the file that was asked for.
    """
    if HTML_START.match(start):
        message = (
            f"A web page came instead of {path}. Hotel and company networks do this: "
            "open any site to sign in, then go on."
        )
        return Setback(message, tries=1, wrong_file=True, detail=repr(start[:SNIFFED_BYTES]))
    if start.startswith(LFS_POINTER):
        message = (
            f"A pointer came instead of {path}: its large files are missing on that server. "
            "Use another mirror, or import the model from a file."
        )
        return Setback(message, tries=1, wrong_file=True, detail=repr(start[:SNIFFED_BYTES]))
    return None


def _asked_wait_s(headers: Mapping[str, str]) -> float | None:
    """How long a server asks to wait: Retry-After, else the RateLimit headers.

    Source: RFC 9110 section 10.2.3; draft-ietf-httpapi-ratelimit-headers-10 (``RateLimit:
    "name";r=0;t=60``) and its older form with ``RateLimit-Reset``.
    """
    after = headers.get("retry-after", "").strip()
    if after.isdecimal():
        return float(after)
    if after:
        try:
            return max(0.0, parsedate_to_datetime(after).timestamp() - time.time())
        except ValueError:
            pass
    used_up = [
        float(seconds)
        for remaining, seconds in re.findall(
            r";\s*r=(\d+)[^,]*?;\s*t=(\d+)", headers.get("ratelimit", "")
        )
        if remaining == "0"
    ]
    if used_up:
        return max(used_up)
    reset = headers.get("ratelimit-reset", "").strip()
    return float(reset) if reset.isdecimal() else None
