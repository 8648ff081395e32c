"""Captions into a library file, the one that the site keeps, exports and imports."""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from PIL import ExifTags, Image

from pycore.alt_text.draft import claimed
from pycore.captioning.described import LOOKS_LIKE_TEXT
from pycore.library.library import Library
from pycore.library.records import FileWords, ListedImage, MachineWords, NewImage, Order
from pycore.library.schema_version import open_schema
from pycore.library.stdlib_database import StdlibDatabase
from seesay.captioner.image_reader import read_anyhow
from seesay.cli.console import printable
from seesay.cli.words_at_hand import words_by_person
from seesay.run_now import run_now

if TYPE_CHECKING:
    from pycore.captioning.result import CaptionResult, ModelInfo
    from seesay.cli.inputs import InputImage

_MEDIA_TYPES = {"JPEG 2000": "image/jp2", "ICO": "image/x-icon"}
_THUMBNAIL_SIDE = 256
_THUMBNAIL_QUALITY = 70


class LibrarySink:
    """Adds images and their captions to a library; each is on the disk when ``write`` returns.

    Args:
        path: of the library; made where there is none.
        model: that captions.
        options: of the captions.

    Raises:
        LibraryError: the file is another program's, or of a newer version of Seesay.
        StorageError: it cannot be read or written.
    """

    def __init__(self, path: Path, model: ModelInfo, options: Mapping[str, Any]) -> None:
        self._database = StdlibDatabase(path)
        try:
            run_now(open_schema(self._database))
        except BaseException:
            self._database.close()
            raise
        self._library = Library(self._database, _now)
        self._order = Order(model.id, model.revision, options)

    def has(self, image: InputImage, sha256: str) -> bool:
        """Tell whether the library has a caption of this image by this model with these options."""
        del image
        listed = self._find(sha256)
        if listed is None:
            return False
        captions = run_now(self._library.images.captions(listed.id))
        wanted = self._order.parameters()
        return any(caption.order.parameters() == wanted for caption in captions)

    def has_words(self, sha256: str) -> bool:
        """Tell whether the library says anything about this image, or that it needs no words."""
        listed = self._find(sha256)
        return listed is not None and (bool(listed.text) or listed.state == "decorative")

    def follow(self, former: str, sha256: str, size_bytes: int) -> bool:
        """Take an image whose file is to be written anew for the one that it is.

        Args:
            former: the hash of the file before.
            sha256: of the file as it will be.
            size_bytes: likewise.

        Returns:
            Whether there is such an image; not where the new bytes are an image of their own.

        Raises:
            StorageError: the library cannot be written.
        """
        before = self._find(former)
        run_now(self._library.images.set_sha256(former, sha256, size_bytes))
        after = self._find(sha256)
        return before is not None and after is not None and before.id == after.id

    def take_back(self, former: str, sha256: str, size_bytes: int) -> None:
        """Take ``follow`` back: the file could not be written.

        Args:
            former: as for ``follow``.
            sha256: likewise.
            size_bytes: of the file, which is as it was.

        Raises:
            StorageError: the library cannot be written.
        """
        run_now(self._library.images.restore_sha256(former, sha256, size_bytes))

    def write(self, image: InputImage, data: bytes, result: CaptionResult) -> None:
        """Keep an image and its caption.

        Raises:
            StorageError: the library cannot be written.
        """
        text = claimed(result.caption, result.confidence)
        words = MachineWords(
            text=text,
            candidates=[candidate.text for candidate in result.candidates] if text else [],
            keywords=[keyword.text for keyword in result.keywords],
            text_in_picture=result.text.text if result.text else "",
            confidence=result.confidence,
            looks_like_text=result.kind == "text" or result.caption == LOOKS_LIKE_TEXT,
        )
        image_id = run_now(self._library.images.add(_new_image(image, data, result)))
        run_now(self._library.images.set_caption(image_id, words, self._order))
        if in_file := _file_words(image, data):
            run_now(self._library.images.set_file_words(image_id, in_file))

    def close(self) -> None:
        """Close the library."""
        self._database.close()

    def _find(self, sha256: str) -> ListedImage | None:
        return run_now(self._library.images.get(sha256))


def _new_image(image: InputImage, data: bytes, result: CaptionResult) -> NewImage:
    place = PurePosixPath(Path(printable(image.name)).as_posix())
    parts = [part for part in place.parent.parts if part not in {"/", ".", ".."}]
    return NewImage(
        sha256=result.image.sha256,
        name=place.name,
        folder="/".join(parts),
        taken_at=_taken_at(data),
        size_bytes=len(data),
        media_type=_MEDIA_TYPES.get(result.image.format, f"image/{result.image.format.lower()}"),
        width=result.image.width,
        height=result.image.height,
        thumbnail_type="image/webp",
        thumbnail=_thumbnail(data),
    )


def _file_words(image: InputImage, data: bytes) -> FileWords | None:
    """Return what a person wrote into the file, or beside it; None for nothing."""
    words = words_by_person(image.path, data)
    found = FileWords(words.alt_text, words.extended_description, words.description, words.keywords)
    return None if found == FileWords() else found


def _thumbnail(data: bytes) -> bytes:
    side = _THUMBNAIL_SIDE
    small = read_anyhow(data, (side, side)).pixels.copy()
    small.thumbnail((side, side))
    file = io.BytesIO()
    small.save(file, "WEBP", quality=_THUMBNAIL_QUALITY)
    return file.getvalue()


def _taken_at(data: bytes) -> str | None:
    """Return what the camera's clock said, as ISO 8601."""
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(data)) as image:
            camera = image.getexif().get_ifd(ExifTags.IFD.Exif)
        text = str(camera.get(ExifTags.Base.DateTimeOriginal, "")).strip("\0 ")
        return datetime.strptime(text, "%Y:%m:%d %H:%M:%S").isoformat()  # noqa: DTZ007 - no zone
    except Exception:  # noqa: BLE001 - Pillow raises nearly anything on damaged EXIF
        return None


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
