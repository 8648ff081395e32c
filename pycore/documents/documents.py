"""Documents whose images lack words: a file, several, or a zip of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pycore.documents import docx
from pycore.documents.addresses import FileNames, data_image
from pycore.documents.found_image import FoundImage, Reason, one_line
from pycore.documents.html import escaped_html, html_images
from pycore.documents.html_tokens import Tag, tokens
from pycore.documents.markdown import markdown_images
from pycore.documents.markdown_inline import escaped_markdown
from pycore.documents.text_file import MAX_BYTES, Change, TextFile
from pycore.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pycore.documents.folder import Folder
    from pycore.documents.sentences import Flow

MAX_TEXT_BYTES = 256 << 20
"""Of all documents together."""
MAX_IMAGES = 50_000
MAX_PICTURE_BYTES = 256 << 20

MARKDOWN = (".md", ".markdown", ".mdown", ".mkd")
HTML = (".html", ".htm", ".xhtml", ".xht")
ZIPS = (".zip", ".epub", ".docx")
_WORD_PARTS = ("word/document", "word/header", "word/footer", "word/footnotes", "word/endnotes")
_SKIPPED = ("__macosx", "node_modules", ".git")


@dataclass(frozen=True, slots=True)
class DocumentImage:
    """An image that needs words.

    Attributes:
        document: name of the file that it stands in.
        line: in the file, from 1 on.
        address: of the picture as written; empty if there is none.
        alt: the words that are there, None for none.
        reason: why they do not do.
        before: the sentence around it up to the image.
        after: the rest of the sentence.
        picture: name of the picture's file, None where it is not at hand.
        is_embedded: the picture stands in the document itself.
        may_be_decorative: the document can say that it is decoration.
    """

    document: str
    line: int
    address: str
    alt: str | None
    reason: Reason
    before: str
    after: str
    picture: str | None
    is_embedded: bool
    may_be_decorative: bool


@dataclass(frozen=True, slots=True)
class Note:
    """Something a person should know of a file: that it could not be read, and why."""

    document: str
    message: str


class Documents:
    """Documents, read once; what they lack, and what they are with it.

    Attributes:
        images: those that need words, by document and in its order.
        image_count: all images, those that need nothing included.
        notes: on files that could not be read, or should not be changed.
    """

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._names = FileNames(folder.names)
        self._found: list[FoundImage] = []
        self.images: list[DocumentImage] = []
        self.image_count = 0
        self.notes: list[Note] = []
        encrypted = self._encrypted()
        self._left = MAX_TEXT_BYTES
        for name in folder.names:
            if not _is_document(name):
                continue
            if name in encrypted:
                self.notes.append(Note(name, f"{name} is encrypted and was left out."))
                continue
            try:
                self._add(name)
            except DocumentError as error:
                self.notes.append(Note(name, error.message))

    def picture(self, index: int) -> bytes | None:
        """Return the picture of one of `images`; None where it is not at hand.

        Raises:
            DocumentError: its file is too large or damaged, or there is no such image.
        """
        image = self._image(index)
        if image.is_embedded:
            found = (data_image(address) for address in self._found[index].addresses)
            return next((data for data in found if data is not None), None)
        if image.picture is None:
            return None
        return self._folder.read(image.picture, MAX_PICTURE_BYTES)

    def write(self, words: Mapping[int, str]) -> dict[str, bytes]:
        """Return the documents that change, by name; all else in them is as it was.

        Args:
            words: alternative text by index in `images`; an empty one says that the image is
                decoration. Images not named stay as they are.

        Raises:
            DocumentError: an image cannot be said to be decoration, or is not there, or a document
                would not say what it should.
        """
        by_document: dict[str, dict[int, str]] = {}
        for index, text in words.items():
            image = self._image(index)
            if not one_line(text) and not image.may_be_decorative:
                raise DocumentError(
                    f"Line {image.line} of {image.document} needs words: "
                    "this image cannot be marked as decoration there."
                )
            by_document.setdefault(image.document, {})[index] = text
        return {name: self._written(name, some) for name, some in by_document.items()}

    def _image(self, index: int) -> DocumentImage:
        if not 0 <= index < len(self.images):  # a negative one would be another image
            raise DocumentError(f"There is no image {index} in these documents.")
        return self.images[index]

    def _add(self, name: str) -> None:
        file = self._decode(name)
        found, flow, base = _scan(file)
        targets = self._relationships(name) if _is_word_part(name) else None
        line, position = 1, 0
        for image in found:
            self.image_count += 1
            if self.image_count > MAX_IMAGES:
                raise DocumentError(f"{name} was left out: over {MAX_IMAGES} images in all.")
            if image.reason is None:
                continue
            line += file.text.count("\n", position, image.position)
            position = image.position
            self._found.append(image)
            before, after = flow.around(image.position)
            self.images.append(
                DocumentImage(
                    document=name,
                    line=line,
                    address=next(iter(image.addresses), ""),
                    alt=image.alt,
                    reason=image.reason,
                    before=before,
                    after=after,
                    picture=self._picture_of(name, image, base, targets),
                    is_embedded=any(data_image(one) is not None for one in image.addresses),
                    may_be_decorative=image.syntax == "html"
                    and image.reason != "alone in a link"
                    and targets is None,
                )
            )

    def _decode(self, name: str) -> TextFile:
        data = self._folder.read(name, MAX_BYTES)
        self._left -= len(data)
        if self._left < 0:
            raise DocumentError(
                f"{name} was left out: the documents have over {MAX_TEXT_BYTES / 1e6:.0f} MB."
            )
        if _is_word_part(name):
            _check_xml(name, data)
        return TextFile.decode(name, data, is_markdown=name.lower().endswith(MARKDOWN))

    def _relationships(self, name: str) -> dict[str, str]:
        folder, _, last = name.rpartition("/")
        rels = f"{folder}/_rels/{last}.rels"
        if rels not in self._folder.names:
            return {}
        data = self._folder.read(rels, MAX_BYTES)
        return docx.relationships(data.decode("utf-8", "replace"), name)

    def _picture_of(
        self, name: str, image: FoundImage, base: str, targets: Mapping[str, str] | None
    ) -> str | None:
        if targets is not None:
            addresses: Sequence[str] = [
                "/" + targets[one] for one in image.addresses if one in targets
            ]
        else:
            addresses = image.addresses
        found = (self._names.find(name, address, base) for address in addresses)
        return next((one for one in found if one is not None), None)

    def _written(self, name: str, words: Mapping[int, str]) -> bytes:
        self._left = MAX_TEXT_BYTES
        file = self._decode(name)
        changes = []
        for index, text in words.items():
            image = self._found[index]
            escape = escaped_html if image.syntax == "html" else escaped_markdown
            new = image.prefix + escape(text) + image.suffix
            changes.append(Change(image.start, image.end, new))
        data = file.change(changes)
        self._verify(file, data, {self._found[index].position: words[index] for index in words})
        return data

    def _verify(self, file: TextFile, data: bytes, words: Mapping[int, str]) -> None:
        """Read what was written: every image must be there and say what it should."""
        if _is_word_part(file.name):
            _check_xml(file.name, data)
        again = TextFile.decode(file.name, data, is_markdown=file.name.lower().endswith(MARKDOWN))
        old, new = _scan(file)[0], _scan(again)[0]
        wanted = [
            (image.addresses, one_line(words.get(image.position, image.alt or ""))) for image in old
        ]
        if wanted != [(image.addresses, one_line(image.alt or "")) for image in new]:
            raise DocumentError(
                f"{file.name} would not read as it should, and was not changed. "
                "Put these words in by hand."
            )

    def _encrypted(self) -> set[str]:
        """Return the files that an EPUB says are encrypted; note that it is signed."""
        names = self._folder.names
        if "META-INF/signatures.xml" in names:
            message = "The book is signed; any change breaks the signature."
            self.notes.append(Note("META-INF/signatures.xml", message))
        listed = "META-INF/encryption.xml"
        if listed not in names:
            return set()
        text = self._folder.read(listed, MAX_BYTES).decode("utf-8", "replace")
        return {
            token.value("uri")
            for token in tokens(text, is_xml=True)
            if isinstance(token, Tag) and token.name.rpartition(":")[2] == "cipherreference"
        }


def is_zip(name: str) -> bool:
    """Say whether a file is a zip of documents, by its name."""
    return name.lower().endswith(ZIPS)


def _is_document(name: str) -> bool:
    parts = name.lower().split("/")
    if any(part in _SKIPPED for part in parts) or parts[-1].startswith("._"):
        return False
    return parts[-1].endswith(MARKDOWN + HTML) or _is_word_part(name)


def _is_word_part(name: str) -> bool:
    return name.startswith(_WORD_PARTS) and name.endswith(".xml")


def _scan(file: TextFile) -> tuple[list[FoundImage], Flow, str]:
    """Return the images of a document, its text, and what its addresses are relative to."""
    name = file.name.lower()
    if name.endswith(MARKDOWN):
        markdown = markdown_images(file.text)
        return markdown.images, markdown.flow, ""
    if _is_word_part(file.name):
        word = docx.word_images(file.text)
        return word.images, word.flow, ""
    is_xml = name.endswith((".xhtml", ".xht")) or file.text.lstrip().startswith("<?xml")
    page = html_images(file.text, is_xml=is_xml)
    return page.images, page.flow, page.base


def _check_xml(name: str, data: bytes) -> None:
    try:
        docx.check_xml(data)
    except ValueError as error:
        raise DocumentError(
            f"{name} is damaged, or no part of a Word document.", detail=str(error)
        ) from error
