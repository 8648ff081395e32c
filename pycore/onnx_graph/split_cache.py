"""The split decoder that Seesay runs, and the one file in which it is kept beside the model.

Splitting takes Python half a second, so it is done once: for the built-in model when the site is
built, for others when they are first opened.
"""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from pycore.onnx_graph.split_graphs import SplitDecoder

if TYPE_CHECKING:
    from pycore.onnx_graph.wire import ByteSource

WEIGHTS_LOCATION = "decoder.onnx"
"""What the split graphs call the decoder's own file, which has the weights."""

_GRAPHS = ("prelude", "step")


def split_for_worker(source: ByteSource, *, low_memory: bool, attentions: bool) -> SplitDecoder:
    """Split a decoder with everything that the worker makes use of.

    Args:
        source: the decoder's file.
        low_memory: be sparing with memory rather than fast.
        attentions: the step can tell where the decoder looked.

    Raises:
        GraphError: when the decoder cannot be split.
    """
    # A dozen modules, which graphs that were kept do without.
    from pycore.onnx_graph.split import split_decoder  # noqa: PLC0415

    return split_decoder(
        source,
        WEIGHTS_LOCATION,
        attentions=attentions,
        int8_lm_head=True,
        low_memory=low_memory,
        logsumexp=True,
    )


def file_name(*, low_memory: bool, attentions: bool) -> str:
    """Return what a split decoder's file is called; each kind has a name of its own."""
    return "decoder" + "-attentive" * attentions + "-low-memory" * low_memory + ".split"


def origin_of(decoder_sha256: str, maker: str) -> str:
    """Return the origin of a split decoder.

    Args:
        decoder_sha256: of the decoder's file, as hex digits.
        maker: names the code that splits decoders.
    """
    return f"{decoder_sha256} {maker}"


def to_bytes(graphs: SplitDecoder, origin: str) -> bytes:
    """Return the file of a split decoder: a line of JSON, then the two graphs.

    Args:
        graphs: of one decoder.
        origin: what they were made from, and by which code.
    """
    about = {field.name: getattr(graphs, field.name) for field in fields(graphs)}
    contents = [about.pop(name) for name in _GRAPHS]
    sizes = [len(content) for content in contents]
    head = json.dumps({"origin": origin, "sizes": sizes, **about}).encode()
    return b"\n".join((head, b"".join(contents)))


def from_bytes(data: bytes, origin: str) -> SplitDecoder | None:
    """Read the file of a split decoder.

    Args:
        data: what ``to_bytes`` returned once.
        origin: what the graphs would be made from now, and by which code.

    Returns:
        None when they are of another origin, or the file is damaged: make them again.
    """
    head, _, content = data.partition(b"\n")
    try:
        about = json.loads(head)
        if about.pop("origin") != origin:
            return None
        prelude, step = about.pop("sizes")
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
    if len(content) != prelude + step:
        return None
    names: dict[str, Any] = {
        key: tuple(item) if isinstance(item, list) else item for key, item in about.items()
    }
    return SplitDecoder(prelude=content[:prelude], step=content[prelude:], **names)
