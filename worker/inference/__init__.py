"""pycore on onnxruntime-web: sessions, decoders, and models made of them."""
