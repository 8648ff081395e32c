"""Captions into a CSV file, row by row: a kill costs the row in work, and the next run goes on."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pycore.alt_text.draft import claimed
from pycore.errors import ConfigurationError, StorageError
from pycore.exports.record import ExportRecord
from pycore.exports.tables import read_table, table
from seesay.cli.console import printable

if TYPE_CHECKING:
    from pathlib import Path

    from pycore.captioning.result import CaptionResult, ModelInfo
    from seesay.cli.inputs import InputImage

_HEADER = b"".join(table([]))


class CsvSink:
    """Appends a row for each caption.

    Args:
        path: of the file; one that an earlier run began is gone on with.
        model: that captions; rows of others do not count as done.

    Raises:
        ConfigurationError: the file there is something else.
        StorageError: it cannot be read or written.
    """

    def __init__(self, path: Path, model: ModelInfo) -> None:
        self._path = path
        self._model = model
        if path.exists() and not path.is_file():  # a device may have no end
            raise StorageError(f"{path} cannot be written: it is no file.")
        try:
            begun = path.read_bytes() if path.exists() else b""
            self._file = path.open("ab")
        except OSError as error:
            raise _unwritable(path, error) from error
        if begun and not begun.startswith(_HEADER) and not _HEADER.startswith(begun):
            self._file.close()
            raise ConfigurationError(
                f"{path} is not a table that this command began. Choose another name."
            )
        whole = begun[: _end_of_rows(begun)]
        try:
            self._file.truncate(len(whole))
        except OSError as error:  # a device, for example
            self._file.close()
            raise _unwritable(path, error) from error
        self._done = {
            (record.name, record.sha256, record.model, record.revision)
            for record in (read_table(whole) if whole else ())
        }
        if not whole:
            self._append(_HEADER)

    def has(self, image: InputImage, sha256: str) -> bool:
        """Tell whether an earlier run has this image's row, by this model."""
        key = printable(image.name), sha256, self._model.id, self._model.revision
        return key in self._done

    def write(self, image: InputImage, data: bytes, result: CaptionResult) -> None:
        """Append an image's row.

        Raises:
            StorageError: it cannot be written.
        """
        del data
        self._append(b"".join(table([record_of(image, result)]))[len(_HEADER) :])

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _append(self, data: bytes) -> None:
        try:
            self._file.write(data)
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise _unwritable(self._path, error) from error


def record_of(image: InputImage, result: CaptionResult) -> ExportRecord:
    """Return a caption as exports have it."""
    return ExportRecord(
        name=printable(image.name),
        caption=result.caption,
        alt_text=claimed(result.caption, result.confidence),
        keywords=tuple(keyword.text for keyword in result.keywords),
        text=result.text.text if result.text else "",
        source="trainedAlgorithmicMedia",
        model=result.model.id,
        revision=result.model.revision,
        state="guess" if result.flagged else "draft",
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        sha256=result.image.sha256,
    )


def _end_of_rows(data: bytes) -> int:
    """Return where the last whole row ends: line breaks inside of quotes end none."""
    end = data.rfind(b"\r\n")
    while end >= 0 and data.count(b'"', 0, end) % 2:
        end = data.rfind(b"\r\n", 0, end)
    return max(0, end + 2) if end >= 0 else 0


def _unwritable(path: Path, error: OSError) -> StorageError:
    message = f"{path} could not be written: {error.strerror or error}."
    return StorageError(message, detail=str(error))
