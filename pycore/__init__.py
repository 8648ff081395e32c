"""Seesay's core: images in, captions out, on any runtime that can run the model's graphs."""
