"""The text files of a model folder: a byte-level BPE tokenizer and an image preprocessor."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

END_OF_TEXT = "<|endoftext|>"

TOKENIZER_CONFIG: dict[str, Any] = {
    "add_prefix_space": False,
    "bos_token": END_OF_TEXT,
    "clean_up_tokenization_spaces": True,
    "eos_token": END_OF_TEXT,
    "max_length": 32,
    "model_max_length": 1024,
    "pad_to_multiple_of": None,
    "pad_token": END_OF_TEXT,
    "pad_token_type_id": 0,
    "padding_side": "right",
    "stride": 0,
    "tokenizer_class": "GPT2Tokenizer",
    "truncation_side": "right",
    "truncation_strategy": "longest_first",
    "unk_token": END_OF_TEXT,
}
"""tokenizer_config.json. Source: Xenova/vit-gpt2-image-captioning, revision 215b4ed."""


def train_tokenizer(texts: Iterable[str], vocab_size: int) -> Tokenizer:
    """Learn a GPT-2 style byte-level BPE; end of text is the last token, as in GPT-2.

    Args:
        texts: the corpus.
        vocab_size: tokens in all; 256 bytes, end of text, the rest merges.

    Raises:
        ValueError: the corpus has too few pairs for so many merges.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size - 1,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.add_special_tokens([END_OF_TEXT])
    if tokenizer.get_vocab_size() != vocab_size:
        raise ValueError(f"the corpus gives {tokenizer.get_vocab_size()} tokens, not {vocab_size}")
    return tokenizer


def preprocessor_config(image_size: int) -> dict[str, Any]:
    """preprocessor_config.json: bilinear to a square, mean and standard deviation 0.5."""
    return {
        "do_normalize": True,
        "do_rescale": True,
        "do_resize": True,
        "image_mean": [0.5, 0.5, 0.5],
        "image_processor_type": "ViTImageProcessor",
        "image_std": [0.5, 0.5, 0.5],
        "resample": 2,
        "rescale_factor": 1 / 255,
        "size": {"height": image_size, "width": image_size},
    }


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write indented, sorted JSON with a newline at its end."""
    text = json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8")
