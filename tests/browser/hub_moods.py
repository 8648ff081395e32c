"""How the local hub can misbehave, one request at a time."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Cut:
    """The connection breaks when the body reaches byte ``at`` of the file."""

    at: int


@dataclass(frozen=True)
class Short:
    """The body ends properly, but at byte ``at`` of the file."""

    at: int


@dataclass(frozen=True)
class Stall:
    """Nothing more comes after byte ``at`` of the file, until the browser gives up."""

    at: int


@dataclass(frozen=True)
class Hold:
    """Nothing comes after byte ``at`` of the file until ``go_on`` is set; then as ``then`` says."""

    at: int
    then: Hold | Cut | Stall | None = None
    go_on: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True)
class Status:
    """Only a status, with more headers, and perhaps without the ones of CORS."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    cors: bool = True


@dataclass(frozen=True)
class Page:
    """Status 200 with something else than the file: a captive portal's page, an LFS pointer."""

    body: bytes = field(repr=False)
    content_type: str = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Other:
    """The right headers and other bytes."""

    body: bytes = field(repr=False)


@dataclass(frozen=True)
class NoRanges:
    """Status 200 and the whole file, whatever range was asked for."""


Mood = Cut | Short | Stall | Hold | Status | Page | Other | NoRanges
