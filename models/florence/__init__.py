"""Florence-2 in the layout of its official ONNX files, with random weights: for tests and times."""
