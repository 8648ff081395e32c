"""Images, and what models say about them."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict
from typing import TYPE_CHECKING

from pycore.errors import InputError
from pycore.library.records import Caption, ListedImage, Place, Thumbnail

if TYPE_CHECKING:
    from pycore.library.database import Call
    from pycore.library.named_statements import NamedStatements
    from pycore.library.records import FileWords, MachineWords, NewImage, Order


class Images:
    """The images of a library. The same bytes are one image, wherever they lie."""

    def __init__(self, statements: NamedStatements) -> None:
        self._statements = statements

    async def add(self, image: NewImage) -> int:
        """Add an image, or one more place of an image that is there; returns its id."""
        (image_id,) = await self.add_all([image])
        return image_id

    async def add_all(self, images: Collection[NewImage]) -> list[int]:
        """Add images in one transaction: for many a hundred times as fast as one by one.

        Returns:
            Their ids, in the same order; equal for equal bytes.
        """
        calls: list[Call] = []
        for image in images:
            _check(image)
            known = asdict(image)
            thumbnail = {key: known.pop(key) for key in ("thumbnail", "thumbnail_type")}
            place = {"sha256": image.sha256, "folder": image.folder, "name": image.name}
            calls += [
                self._statements.call("add_image", **known),
                self._statements.call("add_place", **place),
                self._statements.call("set_thumbnail", sha256=image.sha256, **thumbnail),
                self._statements.call("image_id", sha256=image.sha256),
            ]
        if not calls:
            return []
        answers = await self._statements.run(*calls)
        return [_int(rows[0]["id"]) for rows in answers[3::4]]

    async def set_size(self, image_id: int, width: int, height: int) -> None:
        """Say how many pixels an image has that was added with none, since nobody knew."""
        await self._statements.rows("set_size", image_id=image_id, width=width, height=height)

    async def set_sha256(self, former: str, sha256: str, size_bytes: int) -> None:
        """Say that an image's file was written anew, with its words in it.

        Args:
            former: the SHA-256 that the image is known by.
            sha256: of the file as it is now; if that is an image of its own, both stay.
            size_bytes: of the file.
        """
        hashes = {"former_sha256": former, "sha256": sha256}
        await self._statements.run(
            self._statements.call("keep_sha256", **hashes),
            self._statements.call("set_sha256", size_bytes=size_bytes, **hashes),
        )

    async def restore_sha256(self, former: str, sha256: str, size_bytes: int) -> None:
        """Take ``set_sha256`` back, where it found an image: its file is as it was.

        Args:
            former: the SHA-256 that the file had, and has.
            sha256: that it was to have.
            size_bytes: of the file as it is.
        """
        hashes = {"former_sha256": sha256, "sha256": former}
        await self._statements.run(
            self._statements.call("set_sha256", size_bytes=size_bytes, **hashes),
            self._statements.call("forget_sha256", sha256=former),
        )

    async def get(self, sha256: str) -> ListedImage | None:
        """Return the image of these bytes, or None."""
        rows = await self._statements.rows("get_image", sha256=sha256)
        return ListedImage.from_row(rows[0]) if rows else None

    async def places(self, image_id: int) -> list[Place]:
        """Return every folder and name that an image was found under."""
        rows = await self._statements.rows("places", image_id=image_id)
        return [Place(str(row["folder"]), str(row["name"])) for row in rows]

    async def thumbnails(self, ids: Collection[int]) -> dict[int, Thumbnail]:
        """Return the small pictures of these images; those without one are left out."""
        rows = await self._statements.rows("thumbnails", ids=json.dumps([*ids]))
        return {
            _int(row["image_id"]): Thumbnail(str(row["media_type"]), _bytes(row["data"]))
            for row in rows
        }

    async def set_caption(self, image_id: int, words: MachineWords, order: Order) -> None:
        """Keep what a model says; it replaces what the same model said with the same options.

        A person's words stay as they are.
        """
        await self._statements.run(caption_call(self._statements, image_id, words, order))

    async def set_file_words(self, image_id: int, words: FileWords) -> None:
        """Keep words of a person that the image's file carries: no machine's take their place."""
        known = {**asdict(words), "keywords": to_json(words.keywords)}
        await self._statements.rows("set_file_words", image_id=image_id, **known)

    async def captions(self, image_id: int) -> list[Caption]:
        """Return what models said about an image, the current caption first."""
        rows = await self._statements.rows("captions", image_id=image_id)
        return [Caption.from_row(row) for row in rows]


def caption_call(
    statements: NamedStatements, image_id: int, words: MachineWords, order: Order
) -> Call:
    """Return the call that keeps a caption, to be part of a transaction."""
    return statements.call(
        "set_caption",
        image_id=image_id,
        text=words.text,
        candidates=to_json(words.candidates),
        keywords=to_json(words.keywords),
        text_in_picture=words.text_in_picture,
        confidence=words.confidence,
        looks_like_text=int(words.looks_like_text),
        **order.parameters(),
    )


def to_json(texts: Collection[str]) -> str:
    """Return an array of strings as readable as it can be: search reads it, too."""
    return json.dumps([*texts], ensure_ascii=False)


def _check(image: NewImage) -> None:
    digits = image.sha256
    if len(digits) != 64 or not set(digits) <= set("0123456789abcdef"):
        raise InputError("An image's handle is the SHA-256 of its bytes: 64 lower-case digits.")


def _int(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is no integer")
    return value


def _bytes(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError(f"{value!r} is no byte string")
    return value
