"""The protocol-buffer reader: what it reads, and what it refuses."""

import random

import pytest

from pycore.errors import GraphError
from pycore.onnx_graph import wire
from pycore.onnx_graph.wire import BytesSource, Reader, Span


def read_fields(data):
    reader = Reader(BytesSource(data))
    return reader, list(reader.fields(Span(0, len(data))))


@pytest.mark.parametrize("value", [0, 1, 127, 128, 300, 2**31, 2**63 - 1, -1, -(2**63)])
def test_integers_survive_the_round_trip(value):
    reader, (field,) = read_fields(wire.integer_field(5, value))
    assert field.number == 5
    assert reader.integer(field) == value


def test_text_and_bytes_survive_the_round_trip():
    reader, fields = read_fields(wire.text_field(1, "größe") + wire.bytes_field(3000, b"\0\1"))
    assert reader.text(fields[0]) == "größe"
    assert fields[1].number == 3000
    assert reader.read(reader.message(fields[1])) == b"\0\1"


def test_packed_and_single_integers_read_alike():
    packed = wire.bytes_field(1, wire.varint(7) + wire.varint(-2))
    reader, fields = read_fields(packed + wire.integer_field(1, 9))
    assert [value for field in fields for value in reader.integers(field)] == [7, -2, 9]


def test_fixed_width_fields_are_stepped_over():
    data = bytes([1 << 3 | 5]) + b"abcd" + bytes([2 << 3 | 1]) + b"abcdefgh"
    _, fields = read_fields(data + wire.integer_field(3, 1))
    assert [(field.number, field.payload.length) for field in fields] == [(1, 4), (2, 8), (3, 1)]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x08", "no end"),  # a tag without a value
        (b"\x08" + b"\x80" * 10 + b"\x01", "no end"),  # eleven bytes
        (b"\x08" + b"\xff" * 9 + b"\x7f", "64 bits"),
        (b"\x0a\x05abc", "after its message"),
        (b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\x7fabc", "after its message"),
        (b"\x0b", "wire type 3"),  # groups were given up before ONNX began
        (b"\x0f", "wire type 7"),
        (b"\x00\x00", "field 0"),
        (b"\x0d\x00", "after its message"),
    ],
)
def test_malformed_fields_are_refused(data, reason):
    with pytest.raises(GraphError) as caught:
        read_fields(data)
    assert reason in caught.value.detail


def test_a_value_of_another_kind_is_refused():
    reader, (number, text) = read_fields(wire.integer_field(1, 1) + wire.bytes_field(2, b"\xff"))
    for read in (reader.text, reader.message):
        with pytest.raises(GraphError):
            read(number)
    for read in (reader.integer, reader.text):  # the text is not UTF-8
        with pytest.raises(GraphError):
            read(text)


def test_the_number_of_fields_is_bounded(monkeypatch):
    monkeypatch.setattr(wire, "MAX_FIELDS", 10)
    with pytest.raises(GraphError, match="damaged") as caught:
        read_fields(wire.integer_field(1, 1) * 11)
    assert "more than 10" in caught.value.detail
    reader, (field,) = read_fields(wire.bytes_field(1, b"\x01" * 20))
    with pytest.raises(GraphError):
        reader.integers(field)


def test_a_source_that_gives_too_little_is_noticed():
    class Short(BytesSource):
        def read(self, offset, length):
            return super().read(offset, length)[:-1]

    reader = Reader(Short(b"\x08\x01"))
    with pytest.raises(GraphError, match="damaged"):
        list(reader.fields(Span(0, 2)))


def test_long_values_cross_chunks():
    generator = random.Random(1)
    texts = ["x" * generator.randrange(0, 100_000) for _ in range(20)]
    reader, fields = read_fields(b"".join(wire.text_field(1, text) for text in texts))
    assert [reader.text(field) for field in fields] == texts


def test_values_too_large_for_memory_are_refused(monkeypatch):
    monkeypatch.setattr(wire, "MAX_READ_BYTES", 100)
    reader, (field,) = read_fields(wire.text_field(1, "x" * 101))
    with pytest.raises(GraphError):
        reader.text(field)
