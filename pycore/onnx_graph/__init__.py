"""Reads and rewrites ONNX graphs without copying their weights."""
