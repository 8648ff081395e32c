"""Every error Seesay raises on purpose, in one tree.

    SeesayError
    ├── InputError           the image or the text handed in
    │   ├── UnsupportedImageError
    │   ├── BrokenImageError
    │   ├── ImageTooLargeError
    │   ├── MetadataError    the words inside an image file
    │   │   └── SignedImageError
    │   ├── DocumentError    a document, or a zip of documents
    │   └── RulesError       rules that cannot be read or are not meant so
    ├── AssetError           a model file: missing, wrong, or not understood
    │   ├── UnsupportedModelError   a model that Seesay cannot run
    │   └── GraphError       an ONNX graph that Seesay cannot rewrite
    ├── StorageError         the device has no room for something
    ├── LibraryError         a library file: another program's, newer, or damaged
    ├── NetworkError         the hub or the connection
    ├── InferenceError       the runtime failed on a valid request
    ├── ConfigurationError   an option that cannot be honoured
    ├── ProtocolError        a message that breaks the worker protocol
    ├── InternalError        a mistake of Seesay's own
    └── CancelledError       the person stopped it

Each class has a stable ``code`` (part of the public API); each instance has a ``message``, the
sentence a person reads, and a ``detail`` for a developer. Foreign exceptions are mapped once, at
the edge that met them, with ``raise ... from``.
"""

from __future__ import annotations

from typing import ClassVar


class SeesayError(Exception):
    """Base of all errors raised on purpose.

    Attributes:
        code: stable machine-readable name, the same for every instance of a class.
        message: one or two plain sentences: what happened, the number that matters, what to do.
        detail: technical text for a developer; may be empty; never shown unasked.
    """

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail

    def to_dict(self) -> dict[str, str]:
        """Return the wire form: ``{"code", "message", "detail"}``."""
        return {"code": self.code, "message": self.message, "detail": self.detail}


class InputError(SeesayError):
    """The image or text handed in cannot be used."""

    code = "input"


class UnsupportedImageError(InputError):
    """The bytes are not an image in a format that Seesay reads."""

    code = "unsupported_image"


class BrokenImageError(InputError):
    """The bytes begin like an image but cannot be decoded."""

    code = "broken_image"


class ImageTooLargeError(InputError):
    """The image has more bytes or pixels than the limit."""

    code = "image_too_large"


class MetadataError(InputError):
    """Words cannot be read from this image file, or not be written into it; a sidecar can."""

    code = "metadata"


class SignedImageError(MetadataError):
    """The image is signed (C2PA), and any change of the file would break the signature."""

    code = "signed_image"


class DocumentError(InputError):
    """A document or a zip of documents cannot be read, or cannot be changed safely."""

    code = "document"


class RulesError(InputError):
    """Rules cannot be read, or say what no rule can."""

    code = "rules"


class AssetError(SeesayError):
    """A model file is missing, is not the right one, or cannot be understood."""

    code = "asset"


class UnsupportedModelError(AssetError):
    """A model of another kind, or built in another way, than Seesay can run.

    Args:
        why: the rest of the sentence, about the model: ``"it has no tokenizer.json."``.
    """

    code = "unsupported_model"

    def __init__(self, why: str, *, detail: str = "") -> None:
        super().__init__(f"Seesay cannot run this model: {why}", detail=detail)


class GraphError(AssetError):
    """An ONNX graph is malformed, or of a shape that Seesay does not rewrite."""

    code = "graph"


class StorageError(SeesayError):
    """The device has no room for data, most often because its quota is used up."""

    code = "storage"


class LibraryError(SeesayError):
    """A library file is not one, was made by a newer Seesay, or is damaged."""

    code = "library"


class NetworkError(SeesayError):
    """A file could not be fetched, after bounded retries."""

    code = "network"


class InferenceError(SeesayError):
    """The model runtime failed on a valid request."""

    code = "inference"


class ConfigurationError(SeesayError):
    """An option or a configuration value cannot be honoured."""

    code = "configuration"


class ProtocolError(SeesayError):
    """A message between page and worker breaks the protocol."""

    code = "protocol"


class InternalError(SeesayError):
    """Seesay itself is wrong; made of exceptions that nobody expected."""

    code = "internal"


class CancelledError(SeesayError):
    """The person, or the program, stopped the job."""

    code = "cancelled"

    def __init__(self, message: str = "Stopped.", *, detail: str = "") -> None:
        super().__init__(message, detail=detail)
