"""What a person or a program sees: lines on standard output and error, and a progress bar."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from pycore.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Self

    from pycore.errors import SeesayError
    from seesay.jobs import Progress


def say(text: str) -> None:
    """Write a line of result, at once.

    Raises:
        BrokenPipeError: nobody reads it any more.
        StorageError: it cannot be written, on a full disk for example.
    """
    try:
        with tqdm.external_write_mode(file=sys.stdout):
            sys.stdout.write(f"{text}\n")
            sys.stdout.flush()
    except BrokenPipeError:
        raise  # no failure: whoever read has enough
    except OSError as error:
        message = f"The output could not be written: {error.strerror}."
        raise StorageError(message, detail=str(error)) from error


def say_json(values: Mapping[str, Any]) -> None:
    """Write a line of JSON, at once."""
    say(json.dumps(values, ensure_ascii=False))


def complain(text: str) -> None:
    """Write a line about something that went wrong, or that a person should know, if any reads."""
    with suppress(OSError), tqdm.external_write_mode(file=sys.stderr):
        sys.stderr.write(f"seesay: {one_line(text)}\n")
        sys.stderr.flush()


def describe(error: SeesayError, *, verbose: bool) -> str:
    """Say what went wrong, for developers with what they need."""
    return f"{error.message} [{error.code}: {error.detail}]" if verbose else error.message


def one_line(text: str) -> str:
    """Return a text without line breaks of any kind, and with nothing that UTF-8 cannot say."""
    return " ".join(printable(text).splitlines())


def printable(name: str) -> str:
    """Return a file name as text: names of old disks may be no UTF-8."""
    return os.fsencode(name).decode("utf-8", "replace")


class ProgressBar:
    """A bar on standard error, where that is a terminal.

    Args:
        total: of images or bytes; None while it is not known.
        unit: "img" or "B".
        shown: whether to show it at all.
    """

    def __init__(self, total: int | None, unit: str, *, shown: bool = True) -> None:
        self._bar = tqdm(
            total=total,
            unit=unit,
            unit_scale=unit == "B",
            disable=not (shown and sys.stderr.isatty()),
            file=sys.stderr,
            dynamic_ncols=True,
        )

    def advance(self, what: str = "") -> None:
        """Count one image, and name it."""
        if what:
            self._bar.set_postfix_str(what, refresh=False)
        self._bar.update(1)

    def show(self, progress: Progress) -> None:
        """Show how far a model is."""
        self._bar.total = progress.total or None
        self._bar.set_postfix_str(progress.message or progress.file or progress.phase, False)
        self._bar.update(progress.loaded - self._bar.n)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.close()
