"""Models by name: the catalogue, and references to models on a hub."""
