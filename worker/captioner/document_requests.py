"""The page's requests about documents: what lacks words in them, and the documents with words."""

from __future__ import annotations

import itertools
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, cast

from pycore.documents import Documents, Folder, LooseFiles, ZipFolder, is_zip
from pycore.errors import DocumentError
from pycore.exports import zip_file
from worker.captioner.jobs import Job, Payload

if TYPE_CHECKING:
    from worker import answers, requests

SEVERAL = "documents.zip"
"""Name of the zip in which several changed files are handed out."""


@dataclass(frozen=True, slots=True)
class _Open:
    """Documents that are being worked on.

    Attributes:
        name: of the zip; empty for loose files.
    """

    name: str
    folder: Folder
    documents: Documents


class DocumentRequests:
    """Answers the ``documents.*`` requests of worker/protocol.py.

    Attributes:
        works: what answers each kind of request.
    """

    def __init__(self) -> None:
        self._open: dict[int, _Open] = {}
        # By the clock, in milliseconds: a worker that takes the place of another one must know none
        # of its numbers, or words would be written into the wrong documents.
        self._numbers = itertools.count(time.time_ns() // 1_000_000)
        self.works: dict[str, Callable[[Job, Any], Awaitable[Payload]]] = {
            "documents.open": self.open,
            "documents.picture": self.picture,
            "documents.write": self.write,
            "documents.close": self.close,
        }

    async def open(self, job: Job, payload: requests.DocumentFiles) -> answers.DocumentList:
        """Read documents and say what lacks words.

        The first names are of the files, in their order; others are of files beside them.

        Raises:
            DocumentError: a zip among several files, or one that is damaged.
        """
        del job
        names = [str(name) for name in payload["names"]]
        files = dict(zip(names, payload["files"], strict=False))
        folder, name = _folder(files, names)
        opened = _Open(name, folder, Documents(folder))
        number = next(self._numbers)
        self._open[number] = opened
        return {
            "documents": number,
            "image_count": opened.documents.image_count,
            "images": [
                cast("answers.DocumentImage", _without_none(asdict(image)))
                for image in opened.documents.images
            ],
            "notes": [
                cast("answers.DocumentNote", asdict(note)) for note in opened.documents.notes
            ],
        }

    async def picture(self, job: Job, payload: requests.OneDocumentImage) -> answers.FileContent:
        """Return the picture of an image.

        Raises:
            DocumentError: it is not at hand, too large, or damaged.
        """
        del job
        documents = self._find(payload["documents"]).documents
        data = documents.picture(payload["index"])
        image = documents.images[payload["index"]]
        if data is None:
            raise DocumentError(f"The picture of line {image.line} is not at hand.")
        return {"name": image.picture or "", "data": data}

    async def write(self, job: Job, payload: requests.DocumentWords) -> answers.FileContent:
        """Return the documents with words: a file, or a zip of those that changed.

        Raises:
            DocumentError: as `Documents.write` says.
        """
        del job
        opened = self._find(payload["documents"])
        words = {int(index): str(text) for index, text in payload["words"]}
        changed = opened.documents.write(words)
        if isinstance(opened.folder, ZipFolder):
            return {"name": opened.name, "data": b"".join(opened.folder.replace(changed))}
        if len(changed) == 1:
            ((name, data),) = changed.items()
            return {"name": name.rpartition("/")[2], "data": data}
        return {"name": SEVERAL, "data": b"".join(zip_file(changed.items()))}

    async def close(self, job: Job, payload: requests.OneDocuments) -> requests.Nothing:
        """Forget documents; none of the number do no harm."""
        del job
        self._open.pop(payload["documents"], None)
        return {}

    def _find(self, number: int) -> _Open:
        opened = self._open.get(number)
        if opened is None:
            message = "These documents are not open any more. Open them again."
            raise DocumentError(message, detail="not open")
        return opened


def _folder(files: Mapping[str, bytes], names: list[str]) -> tuple[Folder, str]:
    zips = [name for name in files if is_zip(name)]
    if not zips:
        return LooseFiles(files, names), ""
    if len(files) > 1:
        raise DocumentError(
            f"{zips[0]} came with {len(files) - 1} more files. Open one zip at a time."
        )
    name = zips[0]
    return ZipFolder(name.rpartition("/")[2], bytes(files[name])), name.rpartition("/")[2]


def _without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
