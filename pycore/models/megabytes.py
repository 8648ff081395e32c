"""Sizes of model files in sentences."""


def megabytes(size_bytes: int) -> str:
    """Return a size in millions of bytes, as catalogues and download dialogs have it: "9.7 MB"."""
    return f"{size_bytes / 1e6:.1f} MB" if size_bytes < 10e6 else f"{size_bytes / 1e6:.0f} MB"
