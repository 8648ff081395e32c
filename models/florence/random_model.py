"""A Florence-2 with random weights in the layout of the official ONNX files: tiny, or full size.

    python -m models.florence.random_model --preset tiny|base --out DIR [--seed N] [--float]

As in ``models.random_model`` the weights come from NumPy by seed, without PyTorch, and are scaled
so that captions depend on the image, the prompt and every token before.
"""

from __future__ import annotations

import argparse
import copy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnxruntime.quantization import QuantType

from models.export import quantize
from models.florence.bart_graph import (
    EMBEDDINGS,
    LANGUAGE,
    build_bart_decoder,
    build_embeddings,
    build_text_encoder,
)
from models.florence.davit_graph import PROJECTOR, TOWER, build_vision_encoder
from models.florence.text_files import florence_tokenizer, write_text_files
from models.graph_builder import Array
from models.merged_decoder import merge_decoders
from models.random_weights import Shape, draw, generator, last_gains, linear, norm

TINY_SEED = 5  # its captions differ by image and prompt; some end early, some reach any limit
TINY_SIZE, TINY_TRACED_SIZE = 64, 32
BASE_SIZE, BASE_TRACED_SIZE = 768, 224
"""Side in pixels of the images, and of those that the graph's frozen scales belong to."""

_BASE_POSITIONS = 1024


def tiny_config() -> dict[str, Any]:
    """config.json of the tiny model."""
    vision = {
        "depths": [1, 1, 2, 1],
        "dim_embed": [8, 16, 16, 32],
        "num_heads": [2, 2, 4, 4],
        "num_groups": [2, 4, 2, 4],
        "window_size": 2,
        "projection_dim": 32,
    }
    text = {
        "d_model": 32,
        "decoder_attention_heads": 4,
        "decoder_ffn_dim": 64,
        "decoder_layers": 2,
        "encoder_attention_heads": 4,
        "encoder_ffn_dim": 64,
        "encoder_layers": 2,
        "max_position_embeddings": 512,
        "vocab_size": florence_tokenizer().get_vocab_size(),
    }
    return _config(vision, text)


def base_config() -> dict[str, Any]:
    """config.json of Florence-2-base, as far as it describes the network."""
    vision = {
        "depths": [1, 1, 9, 1],
        "dim_embed": [128, 256, 512, 1024],
        "num_heads": [4, 8, 16, 32],
        "num_groups": [4, 8, 16, 32],
        "window_size": 12,
        "projection_dim": 768,
    }
    text = {
        "d_model": 768,
        "decoder_attention_heads": 12,
        "decoder_ffn_dim": 3072,
        "decoder_layers": 6,
        "encoder_attention_heads": 12,
        "encoder_ffn_dim": 3072,
        "encoder_layers": 6,
        "max_position_embeddings": _BASE_POSITIONS,
        "vocab_size": 51289,
    }
    return _config(vision, text)


def _config(vision: Mapping[str, Any], text: Mapping[str, Any]) -> dict[str, Any]:
    tokens = {
        "bos_token_id": 0,
        "decoder_start_token_id": 2,
        "eos_token_id": 2,
        "forced_bos_token_id": 0,
        "forced_eos_token_id": 2,
        "pad_token_id": 1,
    }
    return {
        "architectures": ["Florence2ForConditionalGeneration"],
        "is_encoder_decoder": True,
        "model_type": "florence2",
        "projection_dim": vision["projection_dim"],
        "text_config": {
            "activation_function": "gelu",
            "early_stopping": True,
            "model_type": "florence2_language",
            "no_repeat_ngram_size": 3,
            "num_beams": 3,
            "scale_embedding": False,
            **tokens,
            **text,
        },
        "vision_config": {
            "image_feature_source": ["spatial_avg_pool", "temporal_avg_pool"],
            "image_pos_embed": {"max_pos_embeddings": 50, "type": "learned_abs_2d"},
            "model_type": "davit",
            "patch_padding": [3, 1, 1, 1],
            "patch_prenorm": [False, True, True, True],
            "patch_size": [7, 3, 3, 3],
            "patch_stride": [4, 2, 2, 2],
            "visual_temporal_embedding": {"max_temporal_embeddings": 100, "type": "COSINE"},
            **vision,
        },
        "vocab_size": text["vocab_size"],
        **tokens,
    }


def random_weights(config: Mapping[str, Any], seed: int) -> dict[str, Array]:
    """Draw all tensors by the names of transformers' Florence2ForConditionalGeneration.

    Args:
        config: the whole config.json.
        seed: of NumPy's PCG64; tensors are drawn in the order of ``_shapes``.
    """
    source = generator(seed)
    weights = draw(_shapes(config), source)
    text = config["text_config"]
    last = f"{LANGUAGE}.decoder.layers.{text['decoder_layers'] - 1}.final_layer_norm.weight"
    weights[last] = last_gains(text["d_model"], source)
    if text["vocab_size"] < 1000:
        weights[EMBEDDINGS][text["eos_token_id"]] *= np.float32(1.8)  # captions do end
    width = config["vision_config"]["dim_embed"][-1]
    temporal = f"{PROJECTOR}.visual_temporal_embed.pos_idx_to_embed"
    weights[temporal] = np.tile(np.array([0, 1], np.float32), width // 2)[None]  # position 0
    return weights


def _shapes(config: Mapping[str, Any]) -> Iterator[Shape]:
    """Yield (name, shape, standard deviation) of every tensor, in a fixed order."""
    yield from _vision_shapes(config["vision_config"])
    text = config["text_config"]
    yield EMBEDDINGS, (text["vocab_size"], text["d_model"]), 1.0
    for side in ("encoder", "decoder"):
        yield from _text_shapes(text, side)


def _vision_shapes(vision: Mapping[str, Any]) -> Iterator[Shape]:
    channels = 3
    for stage, width in enumerate(vision["dim_embed"]):
        size = vision["patch_size"][stage]
        key = f"{TOWER}.convs.{stage}"
        fan_in = channels * size * size
        yield f"{key}.conv.weight", (width, channels, size, size), 2 * fan_in**-0.5
        yield f"{key}.conv.bias", (width,), 0.1
        yield from norm(f"{key}.norm", channels if vision["patch_prenorm"][stage] else width)
        channels = width
        for index in range(vision["depths"][stage]):
            for block, attention in (("spatial", "window"), ("channel", "channel")):
                key = f"{TOWER}.blocks.{stage}.{index}.{block}_block"
                for number in (1, 2):
                    yield f"{key}.conv{number}.weight", (width, 1, 3, 3), 0.3
                    yield f"{key}.conv{number}.bias", (width,), 0.1
                    yield from norm(f"{key}.norm{number}", width)
                yield from linear(f"{key}.{attention}_attn.qkv", width, 3 * width, 2.0)
                yield from linear(f"{key}.{attention}_attn.proj", width, width)
                yield from linear(f"{key}.ffn.fc1", width, 4 * width)
                yield from linear(f"{key}.ffn.fc2", 4 * width, width)
    projection = vision["projection_dim"]
    yield f"{PROJECTOR}.image_projection.weight", (projection, channels), channels**-0.5
    yield from norm(f"{PROJECTOR}.image_proj_norm", projection)
    positions = vision["image_pos_embed"]["max_pos_embeddings"]
    for name in ("row", "column"):
        table = f"{PROJECTOR}.image_position_embed.{name}_embeddings.weight"
        yield table, (positions, channels // 2), 0.5


def _text_shapes(text: Mapping[str, Any], side: str) -> Iterator[Shape]:
    width, key = text["d_model"], f"{LANGUAGE}.{side}"
    yield f"{key}.embed_positions.weight", (text["max_position_embeddings"] + 2, width), 1.0
    yield from norm(f"{key}.layernorm_embedding", width)
    attentions = ["self_attn"] + ["encoder_attn"] * (side == "decoder")
    for index in range(text[f"{side}_layers"]):
        layer = f"{key}.layers.{index}"
        for attention in attentions:
            gain = 3.0 if attention == "encoder_attn" else 1.0
            for name in ("q", "k", "v"):
                yield from linear(f"{layer}.{attention}.{name}_proj", width, width, gain)
            yield from linear(f"{layer}.{attention}.out_proj", width, width)
            yield from norm(f"{layer}.{attention}_layer_norm", width)
        inner = text[f"{side}_ffn_dim"]
        yield from linear(f"{layer}.fc1", width, inner)
        yield from linear(f"{layer}.fc2", inner, width)
        yield from norm(f"{layer}.final_layer_norm", width)


def torch_model(config: Mapping[str, Any], weights: Mapping[str, Array]) -> Any:
    """The same model in PyTorch, in evaluation mode, for making reference fixtures.

    Raises:
        ValueError: a parameter of the model that ``weights`` does not set, or the other way round.
    """
    import torch
    from transformers import Florence2Config, Florence2ForConditionalGeneration

    native = copy.deepcopy(dict(config))
    vision, text = native["vision_config"], native["text_config"]
    text["model_type"] = "bart"
    del vision["model_type"]
    vision["embed_dim"] = vision.pop("dim_embed")
    vision["max_position_embeddings"] = vision["image_pos_embed"]["max_pos_embeddings"]
    model: Any = Florence2ForConditionalGeneration(
        Florence2Config(
            text_config=text, vision_config=vision, image_token_id=text["vocab_size"] - 1
        )
    )
    state = {name: torch.from_numpy(array) for name, array in weights.items()}
    table = state[EMBEDDINGS]
    tied = [f"{LANGUAGE}.{side}.embed_tokens.weight" for side in ("encoder", "decoder")]
    state |= dict.fromkeys([*tied, "lm_head.weight"], table)
    temporal = f"{PROJECTOR}.visual_temporal_embed.pos_idx_to_embed"
    own = model.state_dict()[temporal]
    torch.testing.assert_close(own[:1], state.pop(temporal))
    missing, unexpected = model.load_state_dict(state, strict=False)
    if set(missing) - {temporal} or unexpected:
        raise ValueError(f"missing: {missing}; unexpected: {unexpected}")
    return model.eval()


def write_model(
    out: Path,
    config: Mapping[str, Any],
    *,
    seed: int,
    size: int,
    traced_size: int,
    keep_float: bool = False,
) -> None:
    """Write a model folder in the layout of onnx-community/Florence-2-base-ft.

    Args:
        out: made if missing.
        config: the whole config.json.
        seed: of the weights.
        size: side in pixels that images are resized to.
        traced_size: side in pixels that the vision encoder's frozen scales belong to.
        keep_float: write the float32 files beside the quantised ones.
    """
    folder = out / "onnx"
    folder.mkdir(parents=True, exist_ok=True)
    write_text_files(out, config, size)
    weights = random_weights(config, seed)
    text = config["text_config"]

    def write(name: str, models: list[onnx.ModelProto], weight_type: QuantType) -> None:
        def joined(branches: list[onnx.ModelProto]) -> onnx.ModelProto:
            return merge_decoders(*branches) if len(branches) == 2 else branches[0]

        if keep_float:
            onnx.save(joined(models), folder / f"{name}.onnx")
        quantized = [quantize(model, weight_type, per_channel=False) for model in models]
        onnx.save(joined(quantized), folder / f"{name}_quantized.onnx")

    vision = build_vision_encoder(weights, config["vision_config"], traced_size=traced_size)
    write("vision_encoder", [vision], QuantType.QUInt8)
    del vision
    write("embed_tokens", [build_embeddings(weights, text)], QuantType.QInt8)
    write("encoder_model", [build_text_encoder(weights, text)], QuantType.QInt8)
    branches = [build_bart_decoder(weights, text, with_past=past) for past in (False, True)]
    write("decoder_model_merged", branches, QuantType.QInt8)


def write_tiny(out: Path, *, seed: int = TINY_SEED, keep_float: bool = False) -> None:
    """Write the tiny model."""
    write_model(
        out,
        tiny_config(),
        seed=seed,
        size=TINY_SIZE,
        traced_size=TINY_TRACED_SIZE,
        keep_float=keep_float,
    )


def write_base(out: Path, *, seed: int = 0, keep_float: bool = False) -> None:
    """Write Florence-2-base at full size (needs about 4 GB of memory)."""
    write_model(
        out,
        base_config(),
        seed=seed,
        size=BASE_SIZE,
        traced_size=BASE_TRACED_SIZE,
        keep_float=keep_float,
    )


def main() -> None:
    """Write one of the two models."""
    parser = argparse.ArgumentParser(description="Write a Florence-2 with random weights.")
    parser.add_argument("--preset", choices=("tiny", "base"), required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument("--seed", type=int, help="default: 0; the tests' for tiny")
    parser.add_argument("--float", action="store_true", help="keep float32 files too")
    arguments = parser.parse_args()
    options: dict[str, Any] = {"keep_float": arguments.float}
    if arguments.seed is not None:
        options["seed"] = arguments.seed
    (write_tiny if arguments.preset == "tiny" else write_base)(arguments.out, **options)


if __name__ == "__main__":
    main()
