"""The built-in model's decoder, split while the site is built: no visitor waits for it."""

from __future__ import annotations

from pathlib import Path

from pycore.models.catalogue import DERIVED_FOLDER
from pycore.models.layouts import DECODER_PATH
from pycore.onnx_graph import split_cache
from pycore.onnx_graph.graph_cache import code_hash
from pycore.onnx_graph.wire import BytesSource
from tools.files import sha256


def add(starter: Path) -> None:
    """Put the split decoder that most visitors need beside the starter's files.

    Args:
        starter: the built-in model's folder in the site.
    """
    decoder = starter / DECODER_PATH
    source = BytesSource(decoder.read_bytes())
    graphs = split_cache.split_for_worker(source, low_memory=False, attentions=False)
    origin = split_cache.origin_of(sha256(decoder), code_hash())
    file = starter / DERIVED_FOLDER / split_cache.file_name(low_memory=False, attentions=False)
    file.parent.mkdir()
    file.write_bytes(split_cache.to_bytes(graphs, origin))
