"""Models on this machine: those of the package, and those that were downloaded or imported."""
