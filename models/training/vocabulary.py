"""The starter's tokenizer: a small byte-level BPE in GPT-2's form, made from its own words."""

from __future__ import annotations

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

from models.training.captions import BACKGROUNDS, NUMBERS, RELATIONS, with_article
from models.training.things import THINGS

END = "<|endoftext|>"


def make_tokenizer() -> Tokenizer:
    """Train the tokenizer; the same words always give the same merges.

    Most regular plurals stay out, so that "dogs" is "dog" and "s": what is learned about one
    helps the other.  Names that end in e get a token for the plural, since "es" is one already.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    phrases = [*BACKGROUNDS, *RELATIONS, "and", "a large", "a small", "an", *NUMBERS[2:5]]
    lines = [f"a {phrase}" for phrase in phrases] + [*NUMBERS[2:5], "a", "an"]
    for thing in THINGS:
        lines.append(with_article(thing.singular))
        if thing.plural != f"{thing.singular}s" or thing.singular.endswith("e"):
            lines.append(f"two {thing.plural}")
    trainer = trainers.BpeTrainer(
        vocab_size=2000,
        min_frequency=1,
        special_tokens=[END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(sorted(lines), trainer)
    return tokenizer
