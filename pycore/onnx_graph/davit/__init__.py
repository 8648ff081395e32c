"""Mends and divides the graph of a DaViT, Florence-2's vision encoder."""

from pycore.onnx_graph.davit.mend import DavitShape, mend_vision_encoder

__all__ = ["DavitShape", "mend_vision_encoder"]
