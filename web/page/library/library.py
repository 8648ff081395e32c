"""The library as the page knows it: what is asked of its worker, by the names of its statements.

Runs in MicroPython (the page) and in CPython (tests). The statements are those of pycore/library,
whose Python says the same to the same SQL (pycore/library/images.py, reviews.py, library.py).
"""

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from page.library.query import Query

    Row = dict[str, Any]  # of the list: see ListedImage in pycore/library/records.py


MUCH = 0.2
"""Of a library's file: so much that was freed is given back to the device."""

_ADD = ("add_images", "add_places", "ids_of_images")

KINDS = ("image", "state", "model", "folder", "job", "mark")
"""What images are counted by."""


def call(statement: str, **parameters: "Any") -> "dict[str, Any]":
    """A call of a statement."""
    return {"name": statement, "parameters": parameters}


def caption_call(image_id: int, words: "dict[str, Any]") -> "dict[str, Any]":
    """The call that keeps what a model says: parameters of ``set_caption``, lists as lists."""
    parameters = dict(words)
    for name in ("candidates", "keywords"):
        parameters[name] = json.dumps(words[name])
    return call("set_caption", image_id=image_id, **parameters)


def file_words_calls(image_id: int, in_file: "dict[str, str] | None") -> "list[dict[str, Any]]":
    """The calls that keep words of an image's file, as file_words.py finds them; none for None."""
    return [call("set_file_words", image_id=image_id, **in_file)] if in_file else []


def _add_calls(images: "list[dict[str, Any]]") -> "list[dict[str, Any]]":
    """The calls that add images; the last one returns their ids in order."""
    given = json.dumps(images)
    return [call(name, images=given) for name in _ADD]


class Library:
    """Images, the machine's words, the person's words.

    Attributes:
        where: "device", "memory" where the browser keeps nothing, "elsewhere" while another tab has
            it, or "" while it is not open.
    """

    def __init__(self, link: "Any", hands_over: bool = False) -> None:
        """Take library_link.mjs, and what becomes of changes while another tab has the library.

        ``hands_over``: that tab makes them; else they are refused.
        """
        self.where = ""
        self._link = link
        self._hands_over = hands_over
        self._counted = 0  # version of the counts
        self._counts: "dict[str, dict[str, int]]" = {}

    async def open(self, take_over: bool = False) -> str:
        """Open it, if it is not; return where it is.

        Args:
            take_over: from another tab that has it.

        Raises:
            JsException: it is damaged, of a newer version, or did not start; its message says so.
        """
        self.where = await self._link.open(take_over)
        return self.where

    async def run(self, *calls: "dict[str, Any]") -> "list[list[Row]]":
        """Run calls as one transaction; the rows of each."""
        told = await self._link.run(json.dumps(calls), self._hands_over)
        results: "list[list[Row]]" = json.loads(told)
        return results

    async def rows(self, statement: str, **parameters: "Any") -> "list[Row]":
        """Run one statement."""
        return (await self.run(call(statement, **parameters)))[0]

    # Images and the machine's words

    async def keep(
        self,
        image: "dict[str, Any]",
        words: "dict[str, Any]",
        file: "Any",
        candidate: "Any",
        seen: "Any",
        in_file: "dict[str, str] | None" = None,
    ) -> int:
        """Keep an image with what a model says about it; return its id.

        Args:
            image: parameters of ``add_image``.
            words: parameters of ``set_caption`` but for the image's id; lists as lists.
            file: the JavaScript File, of which a small picture is kept.
            candidate: of the result, see ``keep_look``.
            seen: likewise.
            in_file: words that the file carries, as file_words.py finds them.
        """
        handle = image["sha256"]
        results = json.loads(await self._link.keep(json.dumps(_add_calls([image])), handle, file))
        image_id: int = results[2][0]["id"]
        calls = file_words_calls(image_id, in_file)
        await self.keep_look(image_id, candidate, seen, caption_call(image_id, words), *calls)
        return image_id

    async def keep_look(
        self, image_id: int, candidate: "Any", seen: "Any", *calls: "dict[str, Any]"
    ) -> None:
        """Run calls, and keep where the model looked for the words of the image's caption.

        Args:
            image_id: of the image.
            candidate: of CaptionResult in seesay.d.ts: the caption; None, or one of a model that
                does not tell, leaves nothing to keep.
            seen: likewise, the part of the image that the model saw.
            calls: run before it, in the same transaction.
        """
        text, hands_over = json.dumps(calls), self._hands_over
        await self._link.runWithLook(text, image_id, candidate, seen, hands_over)

    async def look(self, image_id: int) -> "Any":
        """Where the model looked, ``Look`` of looks.mjs; None where that is not kept."""
        return await self._link.look(image_id)

    async def set_sha256(self, former: str, sha256: str, file: "Any") -> int:
        """The file of an image was written anew, with its words in it.

        Returns the id of the image that the file is now, 0 for none: another one than before where
        its bytes were an image of their own already.

        Args:
            former: the hash that the image is known by.
            sha256: of the file as it is now.
            file: the JavaScript File.
        """
        hashes = {"former_sha256": former, "sha256": sha256}
        results = await self.run(
            call("keep_sha256", **hashes),
            call("set_sha256", size_bytes=file.size, **hashes),
            call("image_id", sha256=sha256),
        )
        await self._link.originals.follow(former, sha256, file)
        return results[2][0]["id"] if results[2] else 0

    def begin_to_add(self, images: "list[dict[str, Any]]") -> "Any":
        """Add images in one transaction, while the page does something else.

        Args:
            images: parameters of ``add_image``.

        Returns:
            What ``added`` takes.
        """
        return self._link.addImages(json.dumps(_ADD), json.dumps(images), self._hands_over)

    async def added(self, promise: "Any") -> "list[int]":
        """The ids of images that were to be added, equal for equal bytes.

        Args:
            promise: what ``begin_to_add`` returned.
        """
        return [row["id"] for row in json.loads(await promise)]

    async def picture(
        self, ids: "list[int]", sizes: "list[dict[str, int]]", pictures: "Any"
    ) -> None:
        """Say how large images are, and put small pictures to them, in one transaction.

        Args:
            ids: of the images.
            sizes: of each ``width`` and ``height`` in pixels; 0 where they are not known.
            pictures: JavaScript's parameters of ``set_thumbnail``, for those that have one.
        """
        calls = []
        for image_id, size in zip(ids, sizes):  # noqa: B905 - MicroPython
            width, height = size["width"], size["height"]
            calls.append(call("set_size", image_id=image_id, width=width, height=height))
        await self._link.add(json.dumps(calls), pictures)

    async def get(self, handle: str) -> "Row | None":
        """The image with this handle, or None."""
        rows = await self.rows("get_image", sha256=handle)
        return rows[0] if rows else None

    async def tiles(self, ids: str) -> "tuple[list[Row], dict[str, str]]":
        """The rows of these images, and the addresses of their small pictures by id as text.

        Args:
            ids: JSON, as ``Ids.part`` returns them.
        """
        told = json.loads(await self._link.tiles(ids))
        return told["rows"], told["pictures"]

    async def of_ids(self, ids: "list[int]") -> "list[Row]":
        """The rows of these images, in their order; those that are gone are left out."""
        return await self.rows("rows_of_ids", ids=json.dumps(ids))

    async def find(self, query: "Query") -> "tuple[Any, dict[str, dict[str, int]]]":
        """What a query finds, and counts of the whole library.

        Returns:
            The ids in order, ``Ids`` of library_link.mjs; how many images there are by kind
            (``KINDS``) and name.
        """
        name, parameters = query.statement()
        calls = [call(name, **parameters), call("tallies")]
        ids = await self._link.find(json.dumps(calls))
        if ids.version != self._counted:  # else they are what they were: a search changes none
            self._counted = ids.version
            self._counts = {kind: {} for kind in KINDS}
            for row in json.loads(ids.rows)[0]:
                self._counts.setdefault(row["kind"], {})[row["name"]] = row["count"]
        return ids, self._counts

    async def captions(self, image_id: int) -> "list[Row]":
        """What models said about an image, the current caption first."""
        return await self.rows("captions", image_id=image_id)

    async def size_bytes(self) -> float:
        """How much room it takes."""
        return float((await self.rows("size"))[0]["size_bytes"])

    # The person's words and states; each is one step to undo

    async def accept(self, ids: "list[int]") -> None:
        """A person read the words and lets them stand."""
        await self._step("accept", call("accept", ids=json.dumps(ids)))

    async def choose(self, image_id: int, text: str, keywords: "list[str] | None" = None) -> None:
        """A person prefers another of the machine's candidates; None: keywords as they are."""
        words = {"text": text, "keywords": keywords}
        await self._step("accept", _written(image_id, "reviewed", words))

    async def edit(self, image_id: int, words: "dict[str, Any]") -> None:
        """A person wrote words; those that are not given, or None, are the machine's."""
        await self._step("edit", _written(image_id, "edited", words))

    async def take_table(
        self, edited: "list[tuple[int, dict[str, Any]]]", read: "list[int]"
    ) -> None:
        """Take what a table brought: words of a person by id, and images whose words were read."""
        calls = [_written(image_id, "edited", words) for image_id, words in edited]
        await self._step("table", *calls, call("accept", ids=json.dumps(read)))

    async def mark_decorative(self, ids: "list[int]") -> None:
        """These images need no words."""
        await self._step("decorative", call("mark_decorative", ids=json.dumps(ids)))

    async def reset(self, ids: "list[int]") -> None:
        """Back to the file's words, or the machine's, as if nobody had looked; marks stay."""
        some = json.dumps(ids)
        await self._step("reset", call("forget_words", ids=some), call("reset", ids=some))

    async def write_by_rules(self, changes: "list[dict[str, Any]]") -> None:
        """Take what rules made of images: of each the id, and what changed (RuledImage)."""
        await self._step("rules", call("write_by_rules", changes=json.dumps(changes)))

    async def clear_marks(self, ids: "list[int]") -> None:
        """Take the marks of rules away: folders in exports, further columns, flags."""
        await self._step("marks", call("clear_marks", ids=json.dumps(ids)))

    async def undo(self) -> "Row | None":
        """Take back the newest step; return it (label, image_count), or None."""
        names = ("begin_undo", "undo_remove", "undo_restore", "end_undo", "forget_undone")
        *_, steps, _ = await self.run(*[call(name) for name in names])
        return steps[0] if steps else None

    async def _step(self, label: str, *changes: "dict[str, Any]") -> None:
        await self.run(
            call("open_step", label=label),
            *changes,
            call("drop_empty_steps"),
            call("close_step"),
        )

    # Taking away

    async def delete(self, ids: "list[int]") -> None:
        """Delete images with all that is kept about them.

        What they took is overwritten. The room is given back once it is much: that writes the whole
        library anew, and takes 15 s with 100,000 images.
        """
        wanted = json.dumps(ids)
        names = "drop_empty_steps", "optimize_search"
        calls = [call("delete_images", ids=wanted)] + [call(name) for name in names]
        await self._link.remove(json.dumps(calls), wanted)
        if (await self.rows("free_share"))[0]["share"] > MUCH:
            await self.rows("vacuum")

    async def erase(self) -> None:
        """Take everything away: nothing is left on this device."""
        await self._link.erase()
        self.where = ""


def _written(image_id: int, state: str, words: "dict[str, Any]") -> "dict[str, Any]":
    keywords = words.get("keywords")
    return call(
        "write_review",
        image_id=image_id,
        state=state,
        text=words.get("text"),
        description=words.get("description"),
        keywords=None if keywords is None else json.dumps(keywords),
        text_in_picture=words.get("text_in_picture"),
    )
