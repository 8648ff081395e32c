"""What the page sends: the payloads of its requests.

Their types are read as the program runs, by the check of requests in protocol.py: hence no
``from __future__ import annotations``, which would leave texts.
"""

from typing import Any, TypedDict


class Nothing(TypedDict):
    """No fields."""


class Init(TypedDict):
    """Where the site is, and how to run: answered once the worker is up."""

    baseUrl: str
    numThreads: int | None
    hub: str | None
    lowMemory: bool | None
    model: str


class Caption(TypedDict):
    """One image to caption; ``options`` are those of ``caption`` in seesay.d.ts."""

    image: bytes
    model: str
    options: dict[str, Any]


class CaptionBatch(TypedDict):
    """Several images to caption, with the same options."""

    images: list[bytes]
    model: str
    options: dict[str, Any]


class Cancel(TypedDict):
    """The request that is to end."""

    id: int


class OneModel(TypedDict):
    """A model by its name."""

    model: str


class ModelImport(TypedDict):
    """Files, as Blobs, that a model is to be taken from."""

    model: str
    files: list[Any]


class OneImage(TypedDict):
    """An image file."""

    image: bytes


class WordsForImage(TypedDict):
    """An image file, and words to be written into it."""

    image: bytes
    words: dict[str, Any]
    options: dict[str, Any]


class WordsAlone(TypedDict):
    """Words to be written into a sidecar."""

    words: dict[str, Any]
    options: dict[str, Any]


class ExportOrder(TypedDict):
    """Words of images, and the files of those that are to go along."""

    records: list[Any]
    files: list[Any]
    options: dict[str, Any]


class TableToMerge(TypedDict):
    """Words of images, and a table that brings others."""

    records: list[Any]
    table: bytes


class DocumentFiles(TypedDict):
    """Documents, and what lies beside them: names and bytes."""

    names: list[Any]
    files: list[bytes]


class OneDocumentImage(TypedDict):
    """An image without words, by its place in opened documents."""

    documents: int
    index: int


class DocumentWords(TypedDict):
    """Words for images of opened documents."""

    documents: int
    words: list[Any]


class OneDocuments(TypedDict):
    """Opened documents by their number."""

    documents: int


class RulesText(TypedDict):
    """A file of rules."""

    text: str


class RulesOnImages(TypedDict):
    """Rules, and the images that they are tried on."""

    rules: list[Any]
    images: list[Any]


class EndpointCall(TypedDict):
    """A request to the endpoint, without its body."""

    method: str
    target: str


class EndpointImage(TypedDict):
    """A request to the endpoint with the image that it is about."""

    method: str
    target: str
    image: bytes
    contentType: str
    model: str
