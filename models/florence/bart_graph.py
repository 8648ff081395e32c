"""Florence-2's language model, a BART, as ONNX graphs: embeddings, encoder, decoder branches.

Inputs, outputs and caches are those of the official files: the decoder takes embeddings, and its
cross-attention keys and values are caches that the first step fills.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

from models.graph_builder import Array, GraphBuilder

LANGUAGE = "model.language_model"
EMBEDDINGS = f"{LANGUAGE}.shared.weight"
_EPSILON = 1e-5
_FIRST_POSITION = 2  # BART's position table begins with two rows that nothing uses


def build_embeddings(weights: Mapping[str, Array], config: Mapping[str, Any]) -> onnx.ModelProto:
    """Build input_ids int64 [batch, length] -> inputs_embeds float32 [batch, length, d_model]."""
    g = GraphBuilder("main_graph", weights)
    ids = g.input("input_ids", "int64", ["batch_size", "sequence_length"])
    rows = g.add("Gather", g.weight(EMBEDDINGS), ids)
    g.output("inputs_embeds", rows, "float32", _states(config))
    return g.model()


def build_text_encoder(weights: Mapping[str, Array], config: Mapping[str, Any]) -> onnx.ModelProto:
    """Build the encoder of image features and prompt.

    Args:
        weights: float32 tensors by the names of transformers' Florence2ForConditionalGeneration.
        config: the ``text_config`` part of config.json.

    Returns:
        inputs_embeds float32 [batch, length, d_model], attention_mask int64 [batch, length] ->
        last_hidden_state float32 [batch, length, d_model].
    """
    g = GraphBuilder("main_graph", weights)
    mask = g.input("attention_mask", "int64", ["batch_size", "sequence_length"])
    value = g.input("inputs_embeds", "float32", _states(config))
    key = f"{LANGUAGE}.encoder"
    layers = _Layers(g, config["encoder_attention_heads"], config["d_model"])
    value = layers.positions(value, g.dimension(value, 1), None, key)
    scores_mask = layers.padding_mask(mask)
    for index in range(config["encoder_layers"]):
        layer = f"{key}.layers.{index}"
        attended = layers.attend(value, f"{layer}.self_attn", value, scores_mask)
        value = layers.add_norm(value, attended, f"{layer}.self_attn_layer_norm")
        value = layers.feed_forward(value, layer, config["activation_function"])
    g.output("last_hidden_state", value, "float32", _states(config))
    return g.model()


def build_bart_decoder(
    weights: Mapping[str, Array], config: Mapping[str, Any], *, with_past: bool
) -> onnx.ModelProto:
    """Build one branch of the merged decoder.

    Args:
        weights: as above.
        config: the ``text_config`` part of config.json.
        with_past: whether keys and values of earlier tokens, and those of cross-attention, are
            given; otherwise the graph computes them.

    Returns:
        inputs_embeds, encoder_hidden_states, encoder_attention_mask, and with a past
        past_key_values.{i}.{decoder,encoder}.{key,value} float32 [batch, heads, length, head size]
        -> logits float32 [batch, length, vocab_size], present.{i}.{decoder,encoder}.{key,value}.
    """
    g = GraphBuilder("decoder_with_past" if with_past else "decoder", weights)
    for name, dtype, shape in decoder_inputs(config):
        if with_past or not name.startswith("past_key_values."):
            g.input(name, dtype, shape)
    key = f"{LANGUAGE}.decoder"
    layers = _Layers(g, config["decoder_attention_heads"], config["d_model"])
    past_length = g.dimension("past_key_values.0.decoder.key", 2) if with_past else None
    length = g.dimension("inputs_embeds", 1)
    value = layers.positions("inputs_embeds", length, past_length, key)
    encoder_mask = layers.padding_mask("encoder_attention_mask")
    # Traced with a single token, the branch with a past has no causal mask, as in official files.
    causal_mask = None if with_past else layers.causal_mask(length)
    presents: dict[str, str] = {}
    for index in range(config["decoder_layers"]):
        layer, past = f"{key}.layers.{index}", f"past_key_values.{index}"
        own = layers.keys_values(value, f"{layer}.self_attn")
        if with_past:
            own = tuple(
                g.add("Concat", f"{past}.decoder.{part}", new, axis=2)
                for part, new in zip(("key", "value"), own, strict=True)
            )
            crossed: tuple[str, ...] = (f"{past}.encoder.key", f"{past}.encoder.value")
        else:
            crossed = layers.keys_values("encoder_hidden_states", f"{layer}.encoder_attn")
        attended = layers.look(value, f"{layer}.self_attn", own, causal_mask)
        value = layers.add_norm(value, attended, f"{layer}.self_attn_layer_norm")
        attended = layers.look(value, f"{layer}.encoder_attn", crossed, encoder_mask)
        value = layers.add_norm(value, attended, f"{layer}.encoder_attn_layer_norm")
        value = layers.feed_forward(value, layer, config["activation_function"])
        for side, pair in (("decoder", own), ("encoder", crossed)):
            for part, name in zip(("key", "value"), pair, strict=True):
                presents[f"present.{index}.{side}.{part}"] = name
    logits = g.add("MatMul", value, g.weight(EMBEDDINGS, transpose=True))
    g.output("logits", logits, "float32", [*_states(config)[:2], config["vocab_size"]])
    for name, state in presents.items():
        kept = g.add("Identity", state) if state.startswith("past_key_values.") else state
        side = name.split(".")[2]
        g.output(name, kept, "float32", _cache(config, f"{side}_length"))
    return g.model()


def decoder_inputs(config: Mapping[str, Any]) -> list[tuple[str, str, list[int | str]]]:
    """Names, types and shapes of the merged decoder's inputs, but for use_cache_branch."""
    encoded: list[int | str] = ["batch_size", "encoder_sequence_length"]
    inputs: list[tuple[str, str, list[int | str]]] = [
        ("encoder_attention_mask", "int64", encoded),
        ("encoder_hidden_states", "float32", [*encoded, config["d_model"]]),
        ("inputs_embeds", "float32", _states(config)),
    ]
    for index in range(config["decoder_layers"]):
        for side in ("decoder", "encoder"):
            for part in ("key", "value"):
                name = f"past_key_values.{index}.{side}.{part}"
                inputs.append((name, "float32", _cache(config, f"past_{side}_length")))
    return inputs


def _states(config: Mapping[str, Any]) -> list[int | str]:
    return ["batch_size", "sequence_length", config["d_model"]]


def _cache(config: Mapping[str, Any], length: str) -> list[int | str]:
    heads = config["decoder_attention_heads"]
    return ["batch_size", heads, length, config["d_model"] // heads]


class _Layers:
    """What encoder and decoder have in common."""

    def __init__(self, g: GraphBuilder, heads: int, width: int) -> None:
        self.g = g
        self.heads = heads
        self.width = width

    def positions(self, value: str, length: str, past: str | None, key: str) -> str:
        """Add the positions and normalise."""
        g = self.g
        start = g.add("Squeeze", past, axes=[0]) if past else g.constant(0, "int64")
        stop = g.add("Add", g.add("Squeeze", length, axes=[0]), start)
        numbers = g.add("Range", start, stop, g.constant(1, "int64"))
        numbers = g.add("Add", numbers, g.constant(_FIRST_POSITION, "int64"))
        places = g.add("Gather", g.weight(f"{key}.embed_positions.weight"), numbers)
        return g.layer_norm(g.add("Add", value, places), f"{key}.layernorm_embedding", _EPSILON)

    def padding_mask(self, mask: str) -> str:
        """int64 [batch, length] -> float32 [batch, 1, 1, length]: 0 where there is something."""
        g = self.g
        numbers = g.add("Cast", g.add("Unsqueeze", mask, axes=[1, 2]), to=1)
        missing = g.add("Sub", g.constant(1.0), numbers)
        return g.add("Mul", missing, g.constant(np.finfo(np.float32).min))

    def causal_mask(self, length: str) -> str:
        """float32 [length, length]: lowest where a position would see a later one."""
        g = self.g
        stop = g.add("Squeeze", length, axes=[0])
        numbers = g.add("Range", g.constant(0, "int64"), stop, g.constant(1, "int64"))
        rows = g.add("Unsqueeze", numbers, axes=[1])
        later = g.add("Less", rows, g.add("Unsqueeze", numbers, axes=[0]))
        shape = g.add("Concat", length, length, axis=0)
        none = numpy_helper.from_array(np.array([0], dtype=np.float32))
        zeros = g.add("ConstantOfShape", shape, value=none)
        return g.add("Where", later, g.constant(np.finfo(np.float32).min), zeros)

    def attend(self, value: str, key: str, source: str, mask: str) -> str:
        """Attention of ``value`` to ``source``."""
        return self.look(value, key, self.keys_values(source, key), mask)

    def keys_values(self, source: str, key: str) -> tuple[str, ...]:
        """Keys and values [batch, heads, length, head size]."""
        g = self.g
        return tuple(self._heads(g.linear(source, f"{key}.{name}_proj")) for name in ("k", "v"))

    def look(self, value: str, key: str, pair: tuple[str, ...], mask: str | None) -> str:
        """Attention with given keys and values."""
        g = self.g
        scale = g.constant((self.width // self.heads) ** -0.5)
        query = self._heads(g.add("Mul", g.linear(value, f"{key}.q_proj"), scale))
        keys, values = pair
        scores = g.add("MatMul", query, g.add("Transpose", keys, perm=[0, 1, 3, 2]))
        if mask:
            scores = g.add("Add", scores, mask)
        context = g.add("MatMul", g.add("Softmax", scores, axis=3), values)
        context = g.add("Transpose", context, perm=[0, 2, 1, 3])
        batch, length = g.dimension(value, 0), g.dimension(value, 1)
        return g.linear(g.reshape(context, batch, length, self.width), f"{key}.out_proj")

    def add_norm(self, value: str, change: str, key: str) -> str:
        """Residual, then layer normalisation."""
        return self.g.layer_norm(self.g.add("Add", value, change), key, _EPSILON)

    def feed_forward(self, value: str, layer: str, activation: str) -> str:
        """The feed-forward part of a layer."""
        g = self.g
        inner = g.activation(g.linear(value, f"{layer}.fc1"), activation)
        return self.add_norm(value, g.linear(inner, f"{layer}.fc2"), f"{layer}.final_layer_norm")

    def _heads(self, value: str) -> str:
        g = self.g
        batch, length = g.dimension(value, 0), g.dimension(value, 1)
        apart = g.reshape(value, batch, length, self.heads, self.width // self.heads)
        return g.add("Transpose", apart, perm=[0, 2, 1, 3])
