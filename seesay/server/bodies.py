"""The image in the body of a POST request: as it is, or as a file of a form."""

from __future__ import annotations

from email.parser import BytesParser
from email.policy import HTTP
from typing import TYPE_CHECKING

from pycore.endpoint.answers import BodyError

if TYPE_CHECKING:
    from io import BufferedIOBase

_FORM = "multipart/form-data"


def read_body(stream: BufferedIOBase, size_bytes: int) -> bytes:
    """Read a body of a known length.

    Raises:
        BodyError: it ends too early.
    """
    data = stream.read(size_bytes)
    if len(data) < size_bytes:
        raise BodyError("The body of the request ends too early.")
    return data


def image_in(data: bytes, content_type: str) -> bytes:
    """Return the image file in a body.

    Args:
        data: the body.
        content_type: its header; for forms with the boundary.

    Raises:
        BodyError: there is none, or there are several.
    """
    if not content_type.lower().startswith(_FORM):
        if not data:
            raise BodyError("The request has no image in its body.")
        return data
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    form = BytesParser(policy=HTTP).parsebytes(head + data)
    files = [part for part in form.iter_parts() if part.get_filename() is not None]
    if len(files) != 1:
        raise BodyError(f"A form brings one image; this one has {len(files)} files.")
    content = files[0].get_payload(decode=True)
    if not isinstance(content, bytes) or not content:
        raise BodyError("The file in the form is empty.")
    return content
