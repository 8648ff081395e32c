"""Training and scoring of the starter model: things, scenes, network, export."""
