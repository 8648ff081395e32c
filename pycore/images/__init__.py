"""Image files: which format, how large, and their pixels as a model wants them."""
