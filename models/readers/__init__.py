"""Readers of other frameworks' model files, without the frameworks."""
