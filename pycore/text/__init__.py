"""Text and token ids: the byte-level BPE tokenizer and what a token says."""
