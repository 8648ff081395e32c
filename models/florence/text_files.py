"""The text files of a Florence-2 folder: BART's kind of tokenizer, and settings."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

from models.text_files import write_json

SPECIAL_TOKENS = ("<s>", "<pad>", "</s>", "<unk>")
MASK = "<mask>"
LOCATIONS = 8
"""Of the tiny model; the official one has 1000."""

_BEFORE_LOCATIONS = ("<od>", "</od>", "<ocr>", "</ocr>")
_AFTER_LOCATIONS = (
    *("<cap>", "</cap>", "<ncap>", "</ncap>", "<dcap>", "</dcap>", "<grounding>", "</grounding>"),
    *("<seg>", "</seg>", "<sep>", "<region_cap>", "</region_cap>", "<region_to_desciption>"),
    *("</region_to_desciption>", "<proposal>", "</proposal>", "<poly>", "</poly>", "<and>"),
)
# Source: microsoft/Florence-2-base-ft, processing_florence2.py, spelling included.

_MERGES = 60
_CORPUS = (
    "What does the image describe?",
    "Describe in detail what is shown in the image.",
    "Describe with a paragraph what is shown in the image.",
    "What is the text in the image?",
    "a cat sitting on a wooden table next to a tree",
)


@functools.cache
def florence_tokenizer() -> Tokenizer:
    """A byte-level BPE whose ids are ordered as BART's: special tokens first, mask and the rest."""
    learned = Tokenizer(models.BPE())
    learned.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=256 + _MERGES + len(SPECIAL_TOKENS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=list(SPECIAL_TOKENS),
        show_progress=False,
    )
    learned.train_from_iterator(_CORPUS, trainer)
    return with_florence_tokens(learned, LOCATIONS)


def with_florence_tokens(tokenizer: Tokenizer, locations: int) -> Tokenizer:
    """Add what Florence-2 has beside words, in its order, and BART's settings.

    Args:
        tokenizer: a BPE whose first ids are ``SPECIAL_TOKENS``; changed in place.
        locations: how many ``<loc_i>`` there are.
    """
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.RobertaProcessing(
        ("</s>", 2), ("<s>", 0), add_prefix_space=False
    )
    tokenizer.add_special_tokens(list(SPECIAL_TOKENS))
    # Source: transformers 4.57.6, BartTokenizerFast: the mask takes the space before it.
    tokenizer.add_special_tokens([AddedToken(MASK, lstrip=True, normalized=False, special=True)])
    places = [f"<loc_{index}>" for index in range(locations)]
    tokenizer.add_special_tokens([*_BEFORE_LOCATIONS, *places, *_AFTER_LOCATIONS])
    return tokenizer


def base_tokenizer(gpt2: Mapping[str, Any]) -> Tokenizer:
    """A tokenizer of the official size, out of GPT-2's words and merges.

    BART has the same ones in another order, which is not kept here.

    Args:
        gpt2: tokenizer.json of a GPT-2.
    """
    words = sorted(gpt2["model"]["vocab"], key=gpt2["model"]["vocab"].__getitem__)[:50256]
    # Source: facebook/bart-base, vocab.json: what stands after the words.
    rest = ("<|endoftext|>", *(f"madeupword{index:04}" for index in range(3)), MASK)
    vocabulary = {word: index for index, word in enumerate((*SPECIAL_TOKENS, *words, *rest))}
    merges = [tuple(merge.split(" ")) for merge in gpt2["model"]["merges"]]
    return with_florence_tokens(Tokenizer(models.BPE(vocabulary, merges)), 1000)


def write_text_files(out: Path, config: Mapping[str, Any], size: int) -> None:
    """Write all text files of a model folder.

    Args:
        out: the folder.
        config: the whole config.json.
        size: side in pixels that images are resized to.
    """
    write_json(out / "config.json", config)
    text = config["text_config"]
    names = ("early_stopping", "no_repeat_ngram_size", "num_beams")
    settings = {name: text[name] for name in names}
    settings |= {name: value for name, value in config.items() if name.endswith("token_id")}
    write_json(out / "generation_config.json", settings)
    florence_tokenizer().save(str(out / "tokenizer.json"))
    write_json(out / "tokenizer_config.json", {"clean_up_tokenization_spaces": False})
    # Source: preprocessor_config.json of microsoft/Florence-2-base-ft.
    square = {"height": size, "width": size}
    write_json(
        out / "preprocessor_config.json",
        {
            "crop_size": square,
            "do_center_crop": False,
            "do_convert_rgb": None,
            "do_normalize": True,
            "do_rescale": True,
            "do_resize": True,
            "image_mean": [0.485, 0.456, 0.406],
            "image_processor_type": "CLIPImageProcessor",
            "image_seq_length": (size // 32) ** 2 + 1,
            "image_std": [0.229, 0.224, 0.225],
            "processor_class": "Florence2Processor",
            "resample": 3,
            "size": square,
        },
    )
