"""What the endpoint answers: a caption, or an error with a stable code and a fitting status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pycore.errors import (
    AssetError,
    BrokenImageError,
    CancelledError,
    ConfigurationError,
    ImageTooLargeError,
    InferenceError,
    InputError,
    NetworkError,
    SeesayError,
    UnsupportedImageError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


class EndpointError(SeesayError):
    """A request that gets no caption, for a reason that only the endpoint has."""

    status: ClassVar[int] = 400


class NoSuchSourceError(EndpointError):
    """There is no such image, folder or place."""

    code = "not_found"
    status = 404


class ForbiddenError(EndpointError):
    """Who asks may not, or what is asked for may not be had."""

    code = "forbidden"
    status = 403


class MethodError(EndpointError):
    """Neither GET nor POST where they belong."""

    code = "method_not_allowed"
    status = 405


class BodyError(EndpointError):
    """The body of a request cannot be read."""

    code = "body"


class BusyError(EndpointError):
    """Too much waits already, or nobody is there to caption; later it may work."""

    code = "busy"
    status = 503


class TooLongError(EndpointError):
    """The caption took longer than it may."""

    code = "timeout"
    status = 504


_STATUSES: tuple[tuple[type[SeesayError], int], ...] = (
    (ImageTooLargeError, 413),
    (UnsupportedImageError, 415),
    (BrokenImageError, 422),
    (InputError, 422),
    (ConfigurationError, 400),
    (NetworkError, 502),
    (AssetError, 503),
    (CancelledError, 503),
    (InferenceError, 500),
)
"""The first line that fits wins; everything else is 500."""

_FULL = ("caption", "candidates", "keywords", "text", "confidence", "flagged", "timings", "model")


def failure(error: SeesayError) -> tuple[int, dict[str, Any]]:
    """Return the status and the JSON of an error."""
    if isinstance(error, EndpointError):
        status = error.status
    else:
        status = next((number for kind, number in _STATUSES if isinstance(error, kind)), 500)
    return status, {"error": {"code": error.code, "message": error.message}}


def answer(result: Mapping[str, Any], *, full: bool) -> dict[str, Any]:
    """Return the JSON of a caption.

    Args:
        result: the wire form of a ``CaptionResult``.
        full: candidates, keywords, text and more, too.
    """
    if not full:
        return {"caption": result["caption"]}
    wanted = (*_FULL, "kind", "image", "notes")
    return {name: result[name] for name in wanted if name in result}
