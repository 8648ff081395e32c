"""Making of models: export to ONNX in hub layout, random models, training. Never shipped."""
