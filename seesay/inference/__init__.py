"""pycore on the onnxruntime package: sessions, decoders, and models made of them."""
