"""Models with random weights in hub layout: a tiny one for tests, ViT-GPT2 at full size.

    python -m models.random_model --preset tiny|vit-gpt2 --out DIR [--seed N] [--float]

The weights come from NumPy by seed, so the same command gives the same files, without PyTorch.
They are scaled so that the captions depend on the image and on every token before, and so that
the best token leads clearly; the words are nonsense all the same.
"""

from __future__ import annotations

import argparse
import copy
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from models.export import copy_text_files, export_graphs, write_config
from models.graph_builder import Array
from models.random_weights import Shape, draw, generator, last_gains, linear, norm
from models.text_files import TOKENIZER_CONFIG, preprocessor_config, train_tokenizer, write_json

if TYPE_CHECKING:
    from transformers import VisionEncoderDecoderModel

OFFICIAL_TEXT_FILES = Path("tests/fixtures/vit-gpt2-image-captioning")
TINY_VOCAB_SIZE = 320
TINY_SEED = 7  # its captions differ from image to image, and some end early

TINY_ENCODER: dict[str, Any] = {
    "model_type": "vit",
    "hidden_act": "gelu",
    "hidden_size": 48,
    "image_size": 32,
    "intermediate_size": 96,
    "layer_norm_eps": 1e-12,
    "num_attention_heads": 4,
    "num_channels": 3,
    "num_hidden_layers": 2,
    "patch_size": 8,
    "qkv_bias": True,
}
TINY_DECODER: dict[str, Any] = {
    "model_type": "gpt2",
    "activation_function": "gelu_new",
    "add_cross_attention": True,
    "is_decoder": True,
    "layer_norm_epsilon": 1e-5,
    "n_embd": 32,
    "n_head": 4,
    "n_inner": None,
    "n_layer": 2,
    "n_positions": 64,
    "tie_word_embeddings": True,
    "vocab_size": TINY_VOCAB_SIZE,
}


def tiny_config() -> dict[str, Any]:
    """config.json of the tiny model: widths differ, so that ``enc_to_dec_proj`` is there."""
    end_of_text = TINY_VOCAB_SIZE - 1
    tokens = dict.fromkeys(("bos_token_id", "eos_token_id", "pad_token_id"), end_of_text)
    return {
        "architectures": ["VisionEncoderDecoderModel"],
        "model_type": "vision-encoder-decoder",
        "is_encoder_decoder": True,
        "tie_word_embeddings": False,
        "decoder_start_token_id": end_of_text,
        "encoder": TINY_ENCODER,
        "decoder": TINY_DECODER | tokens,
        **tokens,
    }


def random_weights(config: Mapping[str, Any], seed: int) -> dict[str, Array]:
    """Draw all tensors of a VisionEncoderDecoderModel by their transformers names.

    Args:
        config: the whole config.json.
        seed: of NumPy's PCG64; tensors are drawn in the order of ``_shapes``.

    Returns:
        float32 arrays, scaled so that tokens, positions and the image weigh about the same. End of
        text has a long embedding in small vocabularies, so that captions do end.
    """
    source = generator(seed)
    weights = draw(_shapes(config), source)
    decoder = config["decoder"]
    weights["decoder.transformer.ln_f.weight"] = last_gains(decoder["n_embd"], source)
    if decoder["vocab_size"] < 1000:
        weights["decoder.transformer.wte.weight"][decoder["eos_token_id"]] *= 1.5
    return weights


def _shapes(config: Mapping[str, Any]) -> Iterator[Shape]:
    """Yield (name, shape, standard deviation) of every tensor, in a fixed order."""
    yield from _encoder_shapes(config["encoder"])
    encoder_width, width = config["encoder"]["hidden_size"], config["decoder"]["n_embd"]
    if encoder_width != width:
        yield from linear("enc_to_dec_proj", encoder_width, width)
    yield from _decoder_shapes(config["decoder"])


def _encoder_shapes(encoder: Mapping[str, Any]) -> Iterator[Shape]:
    width, inner = encoder["hidden_size"], encoder["intermediate_size"]
    patch, channels = encoder["patch_size"], encoder["num_channels"]
    tokens = (encoder["image_size"] // patch) ** 2 + 1
    key = "encoder.embeddings"
    yield f"{key}.cls_token", (1, 1, width), 0.5
    yield f"{key}.position_embeddings", (1, tokens, width), 0.5
    fan_in = channels * patch * patch
    projection = f"{key}.patch_embeddings.projection"
    yield f"{projection}.weight", (width, channels, patch, patch), 2 * fan_in**-0.5
    yield f"{projection}.bias", (width,), 0.1
    for index in range(encoder["num_hidden_layers"]):
        key = f"encoder.encoder.layer.{index}"
        yield from norm(f"{key}.layernorm_before", width)
        for part in ("query", "key", "value"):
            yield from linear(f"{key}.attention.attention.{part}", width, width)
        yield from linear(f"{key}.attention.output.dense", width, width)
        yield from norm(f"{key}.layernorm_after", width)
        yield from linear(f"{key}.intermediate.dense", width, inner)
        yield from linear(f"{key}.output.dense", inner, width)
    yield from norm("encoder.layernorm", width)


def _decoder_shapes(decoder: Mapping[str, Any]) -> Iterator[Shape]:
    width, inner = decoder["n_embd"], decoder.get("n_inner") or 4 * decoder["n_embd"]
    depth = decoder["n_layer"] ** -0.5
    key = "decoder.transformer"
    yield f"{key}.wte.weight", (decoder["vocab_size"], width), 1.0
    yield f"{key}.wpe.weight", (decoder["n_positions"], width), 1.0
    for index in range(decoder["n_layer"]):
        key = f"decoder.transformer.h.{index}"
        yield from norm(f"{key}.ln_1", width)
        yield from _conv1d(f"{key}.attn.c_attn", width, 3 * width)
        yield from _conv1d(f"{key}.attn.c_proj", width, width, gain=depth)
        yield from norm(f"{key}.ln_cross_attn", width)
        yield from _conv1d(f"{key}.crossattention.q_attn", width, width, gain=2.0)
        yield from _conv1d(f"{key}.crossattention.c_attn", width, 2 * width)
        yield from _conv1d(f"{key}.crossattention.c_proj", width, width, gain=3 * depth)
        yield from norm(f"{key}.ln_2", width)
        yield from _conv1d(f"{key}.mlp.c_fc", width, inner)
        yield from _conv1d(f"{key}.mlp.c_proj", inner, width, gain=depth)
    yield from norm("decoder.transformer.ln_f", width)


def _conv1d(key: str, fan_in: int, fan_out: int, gain: float = 1.0) -> Iterator[Shape]:
    yield f"{key}.weight", (fan_in, fan_out), gain * fan_in**-0.5
    yield f"{key}.bias", (fan_out,), 0.1


def torch_model(
    config: Mapping[str, Any], weights: Mapping[str, Array]
) -> VisionEncoderDecoderModel:
    """The same model in PyTorch, in evaluation mode, for making reference fixtures.

    Raises:
        ValueError: a parameter of the model that ``weights`` does not set.
    """
    import torch
    from transformers import VisionEncoderDecoderConfig, VisionEncoderDecoderModel

    model: Any = VisionEncoderDecoderModel(
        VisionEncoderDecoderConfig.from_dict(copy.deepcopy(dict(config)))
    )
    state = {name: torch.from_numpy(array) for name, array in weights.items()}
    state["decoder.lm_head.weight"] = state["decoder.transformer.wte.weight"]
    missing, unexpected = model.load_state_dict(state, strict=False)
    missing = [name for name in missing if not name.startswith("encoder.pooler.")]
    if missing or unexpected:
        raise ValueError(f"missing: {missing}; unexpected: {unexpected}")
    model.eval()
    return cast("VisionEncoderDecoderModel", model)


def tiny_model(seed: int = TINY_SEED) -> VisionEncoderDecoderModel:
    """The tiny model in PyTorch: the float32 original of the committed fixture."""
    config = tiny_config()
    return torch_model(config, random_weights(config, seed))


def write_tiny(out: Path, *, seed: int = TINY_SEED, keep_float: bool = False) -> None:
    """Write the tiny model with a tokenizer of its own."""
    config = tiny_config()
    write_config(config, out)
    tokenizer = train_tokenizer(_TINY_CORPUS, TINY_VOCAB_SIZE)
    tokenizer.save(str(out / "tokenizer.json"))
    write_json(out / "tokenizer_config.json", TOKENIZER_CONFIG)
    write_json(out / "preprocessor_config.json", preprocessor_config(TINY_ENCODER["image_size"]))
    export_graphs(random_weights(config, seed), config, out, keep_float=keep_float)


def write_vit_gpt2(
    out: Path, *, seed: int = 0, keep_float: bool = False, text_files: Path = OFFICIAL_TEXT_FILES
) -> None:
    """Write ViT-GPT2 at full size with the official text files (needs about 4 GB of memory)."""
    copy_text_files(text_files, out)
    if not (out / "tokenizer_config.json").exists():
        write_json(out / "tokenizer_config.json", TOKENIZER_CONFIG)
    config = json.loads((text_files / "config.json").read_text(encoding="utf-8"))
    export_graphs(random_weights(config, seed), config, out, keep_float=keep_float)


def main() -> None:
    """Write one of the two models."""
    parser = argparse.ArgumentParser(description="Write a model with random weights.")
    parser.add_argument("--preset", choices=("tiny", "vit-gpt2"), required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument("--seed", type=int, help="default: 0; the tiny fixture's for tiny")
    parser.add_argument("--float", action="store_true", help="keep float32 files too")
    parser.add_argument("--text-files", type=Path, default=OFFICIAL_TEXT_FILES)
    arguments = parser.parse_args()
    options: dict[str, Any] = {"keep_float": arguments.float}
    if arguments.seed is not None:
        options["seed"] = arguments.seed
    if arguments.preset == "tiny":
        write_tiny(arguments.out, **options)
    else:
        write_vit_gpt2(arguments.out, text_files=arguments.text_files, **options)


_SUBJECTS = ("a cat", "a dog", "two birds", "three people", "a red car", "a brown horse", "a boat")
_VERBS = ("sitting", "standing", "lying", "walking", "parked")
_PLACES = ("on green grass", "on a wooden table", "in the snow", "by the water", "next to a tree")
_TINY_CORPUS = [
    f"{who} {does} {where}" for who in _SUBJECTS for does in _VERBS for where in _PLACES
]


if __name__ == "__main__":
    main()
