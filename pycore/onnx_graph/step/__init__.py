"""Changes to the graph of a decoder step: faster, or telling more. Each touches no weights."""
