"""Alternative text for the images of HTML, Markdown, EPUB and Word documents.

Found by position, written by position: whatever is not an image's alternative text stays byte for
byte as it is.
"""

from __future__ import annotations

from pycore.documents.documents import (
    HTML,
    MARKDOWN,
    ZIPS,
    DocumentImage,
    Documents,
    Note,
    is_zip,
)
from pycore.documents.folder import Folder, LooseFiles
from pycore.documents.found_image import Reason
from pycore.documents.zip_folder import ZipFolder

__all__ = [
    "HTML",
    "MARKDOWN",
    "ZIPS",
    "DocumentImage",
    "Documents",
    "Folder",
    "LooseFiles",
    "Note",
    "Reason",
    "ZipFolder",
    "is_zip",
]
