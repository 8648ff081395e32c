"""Protocol-buffer wire format, read from a random-access source and written as bytes.

Only what ONNX files use. Reading keeps offsets, not payloads: a file of hundreds of megabytes is
walked by reading the few kilobytes between its weights. Every malformed file ends in a GraphError,
and the work is bounded by ``MAX_FIELDS``.

Source: protobuf.dev, "Encoding" (2024).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from pycore.errors import GraphError

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
MAX_FIELDS = 1_000_000  # the merged decoder of ViT-GPT2 has about 80,000
MAX_READ_BYTES = 16 << 20  # one value taken into memory; weights stay in the file
_CHUNK_BYTES = 64 << 10
_HEADER_BYTES = 20  # a tag and a length, ten bytes each at most


class ByteSource(Protocol):
    """Random access to the bytes of a file."""

    @property
    def size(self) -> int:
        """Length of the file in bytes."""

    def read(self, offset: int, length: int) -> bytes:
        """Return ``length`` bytes from ``offset``; both lie inside the file."""


class BytesSource:
    """A ByteSource over bytes in memory."""

    def __init__(self, data: bytes | bytearray | memoryview) -> None:
        self._view = memoryview(data)

    @property
    def size(self) -> int:
        """Length in bytes."""
        return self._view.nbytes

    def read(self, offset: int, length: int) -> bytes:
        """Return a copy of a part."""
        return bytes(self._view[offset : offset + length])


class Span(NamedTuple):
    """A part of the source: ``start`` inclusive, ``end`` exclusive, in bytes."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """Length in bytes."""
        return self.end - self.start


class Field(NamedTuple):
    """One field of a message.

    Attributes:
        number: field number.
        wire_type: VARINT, FIXED64, BYTES or FIXED32.
        value: of a VARINT, as an unsigned 64-bit number; else 0.
        payload: the value's bytes (of BYTES, without tag and length).
        start: where the tag begins.
    """

    number: int
    wire_type: int
    value: int
    payload: Span
    start: int

    @property
    def whole(self) -> Span:
        """Tag, length and payload."""
        return Span(self.start, self.payload.end)


def malformed(detail: str) -> GraphError:
    """A GraphError for bytes that are no valid ONNX file."""
    return GraphError("The model file is damaged: it is not a valid ONNX graph.", detail=detail)


class Reader:
    """Walks the messages of a source.

    Raises:
        GraphError: from every method, when the bytes are no valid message.
    """

    def __init__(self, source: ByteSource) -> None:
        self.source = source
        self.size = source.size
        self._chunk = b""
        self._chunk_start = 0
        self._fields_left = MAX_FIELDS

    def fields(self, message: Span) -> Iterator[Field]:
        """Yield the fields of a message in file order."""
        position, end = message
        while position < end:
            self._count()
            start = position
            tag, position = self._varint(position, end)
            number, wire_type = tag >> 3, tag & 7
            value = 0
            if wire_type == VARINT:
                payload_start = position
                value, position = self._varint(position, end)
            elif wire_type == BYTES:
                length, payload_start = self._varint(position, end)
                position = payload_start + length
            elif wire_type in (FIXED32, FIXED64):
                payload_start = position
                position += 4 if wire_type == FIXED32 else 8
            else:
                raise malformed(f"wire type {wire_type} at byte {start}")
            if number == 0 or position > end:
                raise malformed(f"field {number} at byte {start} ends after its message")
            yield Field(number, wire_type, value, Span(payload_start, position), start)

    def read(self, span: Span) -> bytes:
        """Take a part of the source into memory."""
        if not 0 <= span.start <= span.end <= self.size or span.length > MAX_READ_BYTES:
            raise malformed(f"{span.length} bytes at {span.start} cannot be read")
        index = span.start - self._chunk_start
        if index < 0 or index + span.length > len(self._chunk):
            if span.length > _CHUNK_BYTES:
                return self._from_source(span)
            self._fill(span.start)
            index = 0
        return self._chunk[index : index + span.length]

    def text(self, field: Field) -> str:
        """The value of a string field."""
        try:
            return self._message_bytes(field).decode("utf-8")
        except UnicodeDecodeError as error:
            raise malformed(f"text at byte {field.payload.start} is not UTF-8") from error

    def message(self, field: Field) -> Span:
        """The payload of a field that holds a message."""
        if field.wire_type != BYTES:
            raise malformed(f"field {field.number} at byte {field.start} is no message")
        return field.payload

    def integer(self, field: Field) -> int:
        """The value of an int32 or int64 field."""
        if field.wire_type != VARINT:
            raise malformed(f"field {field.number} at byte {field.start} is no integer")
        return _signed(field.value)

    def integers(self, field: Field) -> list[int]:
        """The values of a repeated integer field, packed or not."""
        if field.wire_type == VARINT:
            return [_signed(field.value)]
        position, end = self.message(field)
        values = []
        while position < end:
            value, position = self._varint(position, end)
            values.append(_signed(value))
            self._count()
        return values

    def _count(self) -> None:
        self._fields_left -= 1
        if self._fields_left < 0:
            raise malformed(f"more than {MAX_FIELDS} fields and numbers")

    def _message_bytes(self, field: Field) -> bytes:
        return self.read(self.message(field))

    def _varint(self, position: int, end: int) -> tuple[int, int]:
        """Decode one varint; return it and the position after it."""
        index = position - self._chunk_start
        if not 0 <= index <= len(self._chunk) - _HEADER_BYTES:
            self._fill(position)
            index = 0
        chunk = self._chunk
        if position < end and chunk[index] < 0x80:
            return chunk[index], position + 1  # most numbers are that small
        value = shift = 0
        for byte in chunk[index : index + min(10, max(0, end - position))]:
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                if value >> 64:
                    raise malformed(f"number at byte {position} exceeds 64 bits")
                return value, position + shift // 7
        raise malformed(f"number at byte {position} has no end")

    def _fill(self, position: int) -> None:
        """Load the chunk that starts at ``position``."""
        length = max(0, min(_CHUNK_BYTES, self.size - position))
        self._chunk = self._from_source(Span(position, position + length))
        self._chunk_start = position

    def _from_source(self, span: Span) -> bytes:
        data = self.source.read(span.start, span.length)
        if len(data) != span.length:
            raise malformed(f"the source gave {len(data)} of {span.length} bytes")
        return data


def _signed(value: int) -> int:
    """Read an unsigned 64-bit number as two's complement."""
    return value - (1 << 64) if value >> 63 else value


def varint(value: int) -> bytes:
    """Encode an integer; negative ones take ten bytes, as in int64 fields."""
    value &= (1 << 64) - 1
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def integer_field(number: int, value: int) -> bytes:
    """Encode an integer field."""
    return varint(number << 3 | VARINT) + varint(value)


def bytes_field(number: int, payload: bytes) -> bytes:
    """Encode a bytes or message field."""
    return varint(number << 3 | BYTES) + varint(len(payload)) + payload


def text_field(number: int, text: str) -> bytes:
    """Encode a string field."""
    return bytes_field(number, text.encode("utf-8"))
