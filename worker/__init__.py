"""The captioning worker's Python: pycore on onnxruntime-web, the model store, the messages."""
