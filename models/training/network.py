"""The starter's network in plain PyTorch, fast on CPUs, and its way into transformers' classes.

Why not train transformers' own classes: on a CPU the backward pass of fused attention takes a
third of a step, and eager attention there runs its softmax in float32.  For 65 tokens two batched
matrix products in bfloat16 are several times faster.  The weights are the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

if TYPE_CHECKING:
    from transformers import VisionEncoderDecoderModel

WIDTH = 192
HEADS = 3
ENCODER_LAYERS = 6
DECODER_LAYERS = 3
IMAGE_SIDE = 128
PATCH_SIDE = 16
GRID = IMAGE_SIDE // PATCH_SIDE
MAX_TOKENS = 48
# Layers after which the encoder should know what is where.
MIDDLE = 4
# Objects in a picture while training.
MOST = 6
ENCODER_EPS = 1e-6
DECODER_EPS = 1e-5


def _split(x: Tensor) -> Tensor:
    return x.unflatten(-1, (HEADS, -1)).transpose(1, 2)


def _attend(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None) -> Tensor:
    scores = (_split(q) * (WIDTH // HEADS) ** -0.5) @ _split(k).transpose(-1, -2)
    if mask is not None:
        scores = scores + mask
    return (scores.softmax(-1) @ _split(v)).transpose(1, 2).flatten(2)


class EncoderLayer(nn.Module):
    """One pre-norm ViT layer."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(WIDTH, ENCODER_EPS)
        self.query, self.key, self.value = (nn.Linear(WIDTH, WIDTH) for _ in range(3))
        self.out = nn.Linear(WIDTH, WIDTH)
        self.norm2 = nn.LayerNorm(WIDTH, ENCODER_EPS)
        self.up = nn.Linear(WIDTH, 4 * WIDTH)
        self.down = nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        """[batch, tokens, WIDTH] -> the same shape."""
        h = self.norm1(x)
        x = x + self.out(_attend(self.query(h), self.key(h), self.value(h)))
        return x + self.down(functional.gelu(self.up(self.norm2(x))))


class DecoderLayer(nn.Module):
    """One pre-norm GPT-2 layer with cross-attention."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(WIDTH, DECODER_EPS)
        self.query, self.key, self.value = (nn.Linear(WIDTH, WIDTH) for _ in range(3))
        self.out = nn.Linear(WIDTH, WIDTH)
        self.norm_cross = nn.LayerNorm(WIDTH, DECODER_EPS)
        self.cross_query, self.cross_key, self.cross_value = (
            nn.Linear(WIDTH, WIDTH) for _ in range(3)
        )
        self.cross_out = nn.Linear(WIDTH, WIDTH)
        self.norm2 = nn.LayerNorm(WIDTH, DECODER_EPS)
        self.up = nn.Linear(WIDTH, 4 * WIDTH)
        self.down = nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x: Tensor, seen: Tensor, mask: Tensor) -> Tensor:
        """Words [batch, length, WIDTH] and encoder states -> words; the mask is added to scores."""
        h = self.norm1(x)
        x = x + self.out(_attend(self.query(h), self.key(h), self.value(h), mask))
        h = self.cross_query(self.norm_cross(x))
        x = x + self.cross_out(_attend(h, self.cross_key(seen), self.cross_value(seen)))
        h = functional.gelu(self.up(self.norm2(x)), approximate="tanh")
        return x + self.down(h)


class Captioner(nn.Module):
    """ViT encoder and GPT-2 decoder, plus heads that only training uses."""

    def __init__(self, vocabulary: int, classes: int) -> None:
        super().__init__()
        self.patch = nn.Linear(3 * PATCH_SIDE**2, WIDTH)
        self.cls = nn.Parameter(torch.zeros(1, 1, WIDTH))
        self.places = nn.Parameter(torch.randn(1, GRID**2 + 1, WIDTH) * 0.02)
        self.encoder = nn.ModuleList(EncoderLayer() for _ in range(ENCODER_LAYERS))
        self.encoder_norm = nn.LayerNorm(WIDTH, ENCODER_EPS)
        self.words = nn.Embedding(vocabulary, WIDTH)
        self.positions = nn.Embedding(MAX_TOKENS, WIDTH)
        self.decoder = nn.ModuleList(DecoderLayer() for _ in range(DECODER_LAYERS))
        self.decoder_norm = nn.LayerNorm(WIDTH, DECODER_EPS)
        # Training only: what covers each patch, where that thing's centre is, how many there are.
        self.patch_class = nn.Linear(WIDTH, classes + 1)
        self.patch_centre = nn.Linear(WIDTH, 3)
        self.patch_count = nn.Linear(WIDTH, MOST + 1)
        # The first two also in the middle: the layers after it can count what is known by then.
        self.middle_norm = nn.LayerNorm(WIDTH, ENCODER_EPS)
        self.middle_class = nn.Linear(WIDTH, classes + 1)
        self.middle_centre = nn.Linear(WIDTH, 3)
        for module in self.modules():
            if isinstance(module, nn.Linear | nn.Embedding):
                nn.init.normal_(module.weight, std=0.02)
            if isinstance(module, nn.Linear):
                nn.init.zeros_(module.bias)
        nn.init.normal_(self.patch.weight, std=0.03)

    def encode(self, patches: Tensor) -> Tensor:
        """Patches [batch, 64, 768] (channel, row, column inside one) -> states [batch, 65, 192]."""
        return self.encode_in_steps(patches, None)[1]

    def encode_in_steps(self, patches: Tensor, kept: Tensor | None) -> tuple[Tensor, Tensor]:
        """Turn patches into states, and tell what they were on the way.

        Args:
            patches: [batch, 64, 768]; inside one: channel, row, column.
            kept: int64 [batch, n], the patches to look at; None for all.

        Returns:
            States after MIDDLE layers and at the end, both [batch, 1 + n, 192]; the first of a
            picture is of the class token.
        """
        places = self.places[:, 1:].expand(len(patches), -1, -1)
        if kept is not None:
            patches, places = pick(patches, kept), pick(places, kept)
        x = self.patch(patches) + places
        x = torch.cat([(self.cls + self.places[:, :1]).expand(len(x), -1, -1), x], 1)
        for layer in self.encoder[:MIDDLE]:
            x = layer(x)
        middle = self.middle_norm(x)
        for layer in self.encoder[MIDDLE:]:
            x = layer(x)
        return middle, self.encoder_norm(x)

    def decode(self, seen: Tensor, tokens: Tensor) -> Tensor:
        """Encoder states and token ids [batch, length] -> logits [batch, length, vocabulary]."""
        length = tokens.shape[1]
        mask = torch.full((length, length), -1e4, dtype=seen.dtype).triu(1)
        x = self.words(tokens) + self.positions.weight[:length]
        for layer in self.decoder:
            x = layer(x, seen, mask)
        return self.decoder_norm(x) @ self.words.weight.T


def pick(values: Tensor, kept: Tensor) -> Tensor:
    """Rows of [batch, 64, ...] by index [batch, n]."""
    return values[torch.arange(len(values))[:, None], kept]


def to_patches(images: Tensor) -> Tensor:
    """uint8 [batch, 128, 128, 3] -> float32 [batch, 64, 768] in -1..1, as patch weights lie."""
    x = images.float().mul_(2 / 255).sub_(1)
    x = x.view(-1, GRID, PATCH_SIDE, GRID, PATCH_SIDE, 3).permute(0, 1, 3, 5, 2, 4)
    return x.reshape(len(images), GRID**2, -1)


@torch.no_grad()
def greedy(model: Captioner, patches: Tensor, end: int) -> tuple[Tensor, Tensor]:
    """Greedy captions: ids [batch, length] after the start token, and mean log-probability."""
    seen = model.encode(patches)
    tokens = torch.full((len(patches), 1), end)
    alive = torch.ones(len(patches), dtype=torch.bool)
    total = torch.zeros(len(patches))
    steps = torch.zeros(len(patches))
    while alive.any() and tokens.shape[1] < MAX_TOKENS:
        scores = model.decode(seen, tokens)[:, -1].float().log_softmax(-1)
        best, ids = scores.max(-1)
        total += best * alive
        steps += alive
        tokens = torch.cat([tokens, torch.where(alive, ids, end)[:, None]], 1)
        alive &= ids != end
    return tokens[:, 1:], total / steps


def to_transformers(weights: dict[str, Tensor], end: int) -> VisionEncoderDecoderModel:
    """Put trained weights into transformers' classes."""
    from transformers import (
        GPT2Config,
        GPT2LMHeadModel,
        VisionEncoderDecoderModel,
        ViTConfig,
        ViTModel,
    )

    w = {name: value.detach().float() for name, value in weights.items()}
    shared = {"hidden_size": WIDTH, "num_attention_heads": HEADS}
    vit = ViTConfig(
        **shared,
        num_hidden_layers=ENCODER_LAYERS,
        intermediate_size=4 * WIDTH,
        image_size=IMAGE_SIDE,
        patch_size=PATCH_SIDE,
        layer_norm_eps=ENCODER_EPS,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    gpt = GPT2Config(
        vocab_size=len(w["words.weight"]),
        n_positions=MAX_TOKENS,
        n_embd=WIDTH,
        n_layer=DECODER_LAYERS,
        n_head=HEADS,
        layer_norm_epsilon=DECODER_EPS,
        add_cross_attention=True,
        is_decoder=True,
        bos_token_id=end,
        eos_token_id=end,
        pad_token_id=end,
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
    )
    model = VisionEncoderDecoderModel(
        encoder=ViTModel(vit, add_pooling_layer=False), decoder=GPT2LMHeadModel(gpt)
    )
    model.config.decoder_start_token_id = end
    model.config.bos_token_id = end
    model.config.eos_token_id = end
    model.config.pad_token_id = end
    missing, unexpected = model.load_state_dict(_renamed(w), strict=False)
    if unexpected or set(missing) - {"decoder.lm_head.weight"}:
        raise ValueError(f"weights do not fit: missing {missing}, unexpected {unexpected}")
    model.decoder.tie_weights()
    return model.eval()


def _renamed(w: dict[str, Tensor]) -> dict[str, Tensor]:
    out = {
        "encoder.embeddings.cls_token": w["cls"],
        "encoder.embeddings.position_embeddings": w["places"],
        "encoder.embeddings.patch_embeddings.projection.weight": w["patch.weight"].view(
            WIDTH, 3, PATCH_SIDE, PATCH_SIDE
        ),
        "encoder.embeddings.patch_embeddings.projection.bias": w["patch.bias"],
        "decoder.transformer.wte.weight": w["words.weight"],
        "decoder.lm_head.weight": w["words.weight"],
        "decoder.transformer.wpe.weight": w["positions.weight"],
    }
    for kind in ("weight", "bias"):
        out[f"encoder.layernorm.{kind}"] = w[f"encoder_norm.{kind}"]
        out[f"decoder.transformer.ln_f.{kind}"] = w[f"decoder_norm.{kind}"]
        for i in range(ENCODER_LAYERS):
            ours, theirs = f"encoder.{i}.", f"encoder.encoder.layer.{i}."
            for mine, name in (
                ("norm1", "layernorm_before"),
                ("norm2", "layernorm_after"),
                ("query", "attention.attention.query"),
                ("key", "attention.attention.key"),
                ("value", "attention.attention.value"),
                ("out", "attention.output.dense"),
                ("up", "intermediate.dense"),
                ("down", "output.dense"),
            ):
                out[f"{theirs}{name}.{kind}"] = w[f"{ours}{mine}.{kind}"]
        for i in range(DECODER_LAYERS):
            ours, theirs = f"decoder.{i}.", f"decoder.transformer.h.{i}."
            for mine, name in (
                ("norm1", "ln_1"),
                ("norm_cross", "ln_cross_attn"),
                ("norm2", "ln_2"),
            ):
                out[f"{theirs}{name}.{kind}"] = w[f"{ours}{mine}.{kind}"]
            # GPT-2's Conv1D keeps weights as [in, out] and query, key, value side by side.
            for parts, name in (
                (("query", "key", "value"), "attn.c_attn"),
                (("out",), "attn.c_proj"),
                (("cross_key", "cross_value"), "crossattention.c_attn"),
                (("cross_query",), "crossattention.q_attn"),
                (("cross_out",), "crossattention.c_proj"),
                (("up",), "mlp.c_fc"),
                (("down",), "mlp.c_proj"),
            ):
                joined = torch.cat([w[f"{ours}{part}.{kind}"] for part in parts])
                out[f"{theirs}{name}.{kind}"] = (
                    joined.T.contiguous() if kind == "weight" else joined
                )
    return out
