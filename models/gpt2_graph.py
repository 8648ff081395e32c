"""The GPT-2 decoder with cross-attention as ONNX graphs, without and with a past.

Both have the inputs and outputs of the official merged file (Hugging Face Optimum 1.9 to 1.12);
the graph without a past ignores the past that it is given. Cross-attention keys and values are
computed from ``encoder_hidden_states`` in every step, as there: hoisting them is the business of
``pycore.onnx_graph``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

from models.graph_builder import Array, GraphBuilder

TRANSFORMER = "decoder.transformer"
MASK = "decoder.transformer.attn.bias"  # one causal mask for all layers, as after deduplication


def build_decoder(
    weights: Mapping[str, Array], config: Mapping[str, Any], *, with_past: bool
) -> onnx.ModelProto:
    """Build one branch of the decoder of a VisionEncoderDecoderModel.

    Args:
        weights: float32 tensors by transformers name (``decoder.…`` and, where the encoder has
            another width, ``enc_to_dec_proj.…``).
        config: the whole config.json.
        with_past: whether the keys and values of earlier tokens are prepended.

    Returns:
        A model with the inputs input_ids int64 [batch, sequence], encoder_hidden_states float32
        [batch, encoder tokens, encoder width] and, with a past, past_key_values.{i}.{key,value}
        float32 [batch, heads, past, head size]; outputs logits float32 [batch, sequence, vocab],
        present.{i}.{key,value} float32 [batch, heads, past + sequence, head size].

    Raises:
        ValueError: a configuration that the exporter does not know.
    """
    decoder = _checked(config["decoder"])
    g = GraphBuilder("decoder_with_past" if with_past else "decoder", weights)
    ids = g.input("input_ids", "int64", ["batch_size", "sequence_length"])
    width = config["encoder"]["hidden_size"]
    encoded_shape = ["batch_size", "encoder_sequence_length", width]
    encoded = g.input("encoder_hidden_states", "float32", encoded_shape)
    past_names = [f"past_key_values.{i}" for i in range(decoder["n_layer"])] if with_past else []
    for name in past_names:
        for part in ("key", "value"):
            g.input(f"{name}.{part}", "float32", cache_shape(decoder, "past_sequence_length"))
    g.initializer(MASK, causal_mask(decoder["n_positions"]))
    if "enc_to_dec_proj.weight" in weights:
        encoded = g.linear(encoded, "enc_to_dec_proj")

    encoder_mask = _encoder_mask(g, encoded)
    length = g.dimension(ids, 1)
    past_length = g.dimension(f"{past_names[0]}.key", 2) if with_past else None
    hidden = _embed(g, ids, length, past_length)
    attention = _Attention(g, decoder, encoder_mask, length, past_length)
    for index in range(decoder["n_layer"]):
        past = past_names[index] if with_past else None
        hidden = attention.block(hidden, encoded, f"{TRANSFORMER}.h.{index}", past)
    hidden = g.layer_norm(hidden, f"{TRANSFORMER}.ln_f", decoder["layer_norm_epsilon"])
    g.output("logits", _lm_head(g, hidden, decoder), "float32", logits_shape(decoder))
    for index, (key, value) in enumerate(attention.presents):
        shape = cache_shape(decoder, "total_sequence_length")
        g.output(f"present.{index}.key", key, "float32", shape)
        g.output(f"present.{index}.value", value, "float32", shape)
    return g.model()


def cache_shape(decoder: Mapping[str, Any], length: str) -> list[int | str]:
    """Shape of one key or value cache."""
    head_size = decoder["n_embd"] // decoder["n_head"]
    return ["batch_size", decoder["n_head"], length, head_size]


def logits_shape(decoder: Mapping[str, Any]) -> list[int | str]:
    """Shape of the logits."""
    return ["batch_size", "sequence_length", decoder["vocab_size"]]


def causal_mask(positions: int) -> Array:
    """Lower triangle, bool [1, 1, positions, positions]: who may look at whom."""
    return np.tril(np.ones((positions, positions), dtype=np.bool_))[None, None]


def _checked(decoder: Mapping[str, Any]) -> Mapping[str, Any]:
    if decoder["model_type"] != "gpt2" or not decoder.get("add_cross_attention"):
        raise ValueError("the decoder must be a GPT-2 with cross-attention")
    plain = decoder.get("scale_attn_weights", True)
    odd = decoder.get("scale_attn_by_inverse_layer_idx") or decoder.get("reorder_and_upcast_attn")
    if odd or not plain:
        raise ValueError("only GPT-2's plain attention scaling is supported")
    return decoder


def _embed(g: GraphBuilder, ids: str, length: str, past_length: str | None) -> str:
    """Token embedding plus position embedding, float32 [batch, sequence, n_embd]."""
    flat = g.add("Reshape", ids, g.add("Concat", g.constant([-1], "int64"), length, axis=0))
    start = g.add("Squeeze", past_length, axes=[0]) if past_length else g.constant(0, "int64")
    stop = g.add("Squeeze", length, axes=[0])
    if past_length:
        stop = g.add("Add", stop, start)
    positions = g.add("Range", start, stop, g.constant(1, "int64"))
    positions = g.add("Unsqueeze", positions, axes=[0])
    tokens = g.add("Gather", g.weight(f"{TRANSFORMER}.wte.weight"), flat)
    return g.add("Add", tokens, g.add("Gather", g.weight(f"{TRANSFORMER}.wpe.weight"), positions))


def _encoder_mask(g: GraphBuilder, encoded: str) -> str:
    """What GPT-2 makes of a missing encoder mask: zeros, float32 [batch, 1, 1, encoder tokens]."""
    shape = g.add("Concat", g.dimension(encoded, 0), g.dimension(encoded, 1), axis=0)
    one = numpy_helper.from_array(np.array([1], dtype=np.float32))
    ones = g.add("Unsqueeze", g.add("ConstantOfShape", shape, value=one), axes=[1, 2])
    zeros = g.add("Sub", g.constant(1.0), ones)
    return g.add("Mul", zeros, g.constant(np.finfo(np.float32).min))


def _lm_head(g: GraphBuilder, hidden: str, decoder: Mapping[str, Any]) -> str:
    """The output layer; tied to the token embedding, it transposes that inside the graph."""
    if decoder.get("tie_word_embeddings", True):
        table = g.add("Transpose", g.weight(f"{TRANSFORMER}.wte.weight"), perm=[1, 0])
        return g.add("MatMul", hidden, table)
    return g.linear(hidden, "decoder.lm_head")


class _Attention:
    """The blocks of one decoder graph; collects the caches that they put out."""

    def __init__(
        self,
        g: GraphBuilder,
        decoder: Mapping[str, Any],
        encoder_mask: str,
        length: str,
        past_length: str | None,
    ) -> None:
        self.g = g
        self.encoder_mask = encoder_mask
        self.decoder = decoder
        self.width: int = decoder["n_embd"]
        self.heads: int = decoder["n_head"]
        self.length = length
        self.past_length = past_length
        self.presents: list[tuple[str, str]] = []

    def block(self, hidden: str, encoded: str, key: str, past: str | None) -> str:
        """Self-attention, cross-attention and the feed-forward part of one layer."""
        g = self.g
        epsilon = self.decoder["layer_norm_epsilon"]
        normal = g.layer_norm(hidden, f"{key}.ln_1", epsilon)
        hidden = g.add("Add", self._self_attention(normal, f"{key}.attn", past), hidden)
        normal = g.layer_norm(hidden, f"{key}.ln_cross_attn", epsilon)
        crossed = self._cross_attention(normal, encoded, f"{key}.crossattention")
        hidden = g.add("Add", hidden, crossed)
        normal = g.layer_norm(hidden, f"{key}.ln_2", epsilon)
        inner = self._conv1d(normal, f"{key}.mlp.c_fc")
        inner = g.activation(inner, self.decoder["activation_function"])
        return g.add("Add", hidden, self._conv1d(inner, f"{key}.mlp.c_proj"))

    def _self_attention(self, value: str, key: str, past: str | None) -> str:
        g = self.g
        query, keys, values = self._split(self._conv1d(value, f"{key}.c_attn"), 3)
        query, keys, values = self._heads(query), self._heads(keys), self._heads(values)
        if past:
            keys = g.add("Concat", f"{past}.key", keys, axis=2)
            values = g.add("Concat", f"{past}.value", values, axis=2)
        self.presents.append((keys, values))
        transposed = g.add("Transpose", keys, perm=[0, 1, 3, 2])
        scores = self._scores(query, transposed)
        mask = self._causal_mask()
        lowest = g.constant(np.finfo(np.float32).min)
        return self._project(g.add("Where", mask, scores, lowest), values, key)

    def _cross_attention(self, value: str, encoded: str, key: str) -> str:
        query = self._heads(self._conv1d(value, f"{key}.q_attn"))
        keys, values = self._split(self._conv1d(encoded, f"{key}.c_attn"), 2)
        transposed = self.g.add("Transpose", self._heads(keys), perm=[0, 1, 3, 2])
        scores = self.g.add("Add", self._scores(query, transposed), self.encoder_mask)
        return self._project(scores, self._heads(values), key)

    def _scores(self, query: str, transposed_keys: str) -> str:
        scores = self.g.add("MatMul", query, transposed_keys)
        return self.g.add("Div", scores, self.g.constant(np.sqrt(self.width // self.heads)))

    def _project(self, scores: str, values: str, key: str) -> str:
        g = self.g
        context = g.add("MatMul", g.add("Softmax", scores, axis=3), values)
        context = g.add("Transpose", context, perm=[0, 2, 1, 3])
        batch, length = g.dimension(context, 0), g.dimension(context, 1)
        return self._conv1d(g.reshape(context, batch, length, self.width), f"{key}.c_proj")

    def _conv1d(self, value: str, key: str) -> str:
        """GPT-2's Conv1D: a Gemm on the flattened positions; weight is [in, out]."""
        g = self.g
        fan_in, fan_out = g.weights[f"{key}.weight"].shape
        batch, length = g.dimension(value, 0), g.dimension(value, 1)
        flat = g.reshape(value, -1, fan_in)
        product = g.add("Gemm", flat, g.weight(f"{key}.weight"), g.weight(f"{key}.bias"))
        return g.reshape(product, batch, length, fan_out)

    def _split(self, value: str, parts: int) -> list[str]:
        return self.g.add_many("Split", [value], parts, axis=2, split=[self.width] * parts)

    def _heads(self, value: str) -> str:
        """[batch, length, width] -> [batch, heads, length, head size]."""
        g = self.g
        batch, length = g.dimension(value, 0), g.dimension(value, 1)
        apart = g.reshape(value, batch, length, self.heads, self.width // self.heads)
        return g.add("Transpose", apart, perm=[0, 2, 1, 3])

    def _causal_mask(self) -> str:
        """The rows of the mask for the new tokens, bool [1, 1, sequence, past + sequence]."""
        g = self.g
        start = self.past_length or g.constant([0], "int64")
        stop = g.add("Add", start, self.length) if self.past_length else self.length
        rows = g.add("Slice", MASK, start, stop, g.constant([2], "int64"))
        return g.add("Slice", rows, g.constant([0], "int64"), stop, g.constant([3], "int64"))
