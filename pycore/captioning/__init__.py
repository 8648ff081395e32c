"""From an image to its caption: the pipeline, its options and its result."""
