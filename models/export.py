"""Export a VisionEncoderDecoderModel (ViT and GPT-2) to ONNX in hub layout.

The graphs are written from a dictionary of NumPy arrays, so PyTorch is needed only to read a
checkpoint, not to export one. Quantisation follows quantize_config.json of the official model:
dynamic, per channel, reduced range; unsigned weights in the encoder, signed in the decoder.

    python -m models.export --checkpoint DIR --out DIR [--float]
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import onnx
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.quant_utils import add_pre_process_metadata

from models.gpt2_graph import build_decoder
from models.graph_builder import Array
from models.merged_decoder import merge_decoders
from models.vit_graph import build_encoder

if TYPE_CHECKING:
    import torch

TEXT_FILES = (
    "config.json",
    "generation_config.json",
    "preprocessor_config.json",
    "quantize_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "vocab.json",
    "merges.txt",
)


def weights_from_torch(model: torch.nn.Module) -> dict[str, Array]:
    """Copy a VisionEncoderDecoderModel's parameters into float32 arrays by name."""
    state = model.state_dict()
    return {name: tensor.detach().float().cpu().numpy() for name, tensor in state.items()}


def export_graphs(
    weights: Mapping[str, Array], config: Mapping[str, Any], out: Path, *, keep_float: bool = False
) -> None:
    """Write ``onnx/encoder_model*.onnx`` and ``onnx/decoder_model_merged*.onnx`` under ``out``.

    Args:
        weights: float32 tensors by transformers name, as ``weights_from_torch`` gives them.
        config: the whole config.json, as a dictionary.
        out: folder of the model; made if missing.
        keep_float: write the float32 files beside the quantised ones.

    Raises:
        ValueError: an architecture or option that the exporter does not know.
    """
    folder = out / "onnx"
    folder.mkdir(parents=True, exist_ok=True)

    encoder = build_encoder(weights, config["encoder"])
    if keep_float:
        onnx.save(encoder, folder / "encoder_model.onnx")
    onnx.save(quantize(encoder, QuantType.QUInt8), folder / "encoder_model_quantized.onnx")
    del encoder

    # Quantised branch by branch and merged then: the same tensors as quantising the merged graph
    # with EnableSubgraph gives, but no node of a branch moves to the outer graph.
    without_past = build_decoder(weights, config, with_past=False)
    with_past = build_decoder(weights, config, with_past=True)
    if keep_float:
        merged = merge_decoders(without_past, with_past)
        onnx.save(merged, folder / "decoder_model_merged.onnx")
    without_past = quantize(without_past, QuantType.QInt8)
    with_past = quantize(with_past, QuantType.QInt8)
    merged = merge_decoders(without_past, with_past)
    onnx.save(merged, folder / "decoder_model_merged_quantized.onnx")


def write_config(config: Mapping[str, Any], out: Path) -> None:
    """Write config.json, and generation_config.json with its special tokens."""
    out.mkdir(parents=True, exist_ok=True)
    keys = ("bos_token_id", "decoder_start_token_id", "eos_token_id", "pad_token_id")
    generation = {key: _special_token(config, key) for key in keys}
    for name, content in (("config", config), ("generation_config", generation)):
        text = json.dumps(content, indent=2, sort_keys=True) + "\n"
        (out / f"{name}.json").write_text(text, encoding="utf-8")


def copy_text_files(source: Path, out: Path) -> None:
    """Copy the tokenizer and configuration files that ``source`` has and ``out`` lacks."""
    out.mkdir(parents=True, exist_ok=True)
    for name in TEXT_FILES:
        if (source / name).is_file() and not (out / name).exists():
            shutil.copyfile(source / name, out / name)


def _special_token(config: Mapping[str, Any], key: str) -> int | None:
    value = config.get(key)
    decoder: Mapping[str, Any] = config["decoder"]
    return decoder.get(key) if value is None else value


def quantize(
    model: onnx.ModelProto, weight_type: QuantType, *, per_channel: bool = True
) -> onnx.ModelProto:
    """Quantise dynamically.

    Args:
        model: in float32; changed by a note that silences the quantiser.
        weight_type: of the weights.
        per_channel: a scale for each output, and a bit to spare against overflow, as
            quantize_config.json of the official ViT-GPT2 says; otherwise one scale a tensor, as
            conversions for Transformers.js 3 have it.
    """
    add_pre_process_metadata(model)  # silences advice to optimise first; the official were not
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder, "float.onnx"), Path(folder, "quantized.onnx")
        onnx.save(model, before)
        quantize_dynamic(
            before,
            after,
            weight_type=weight_type,
            per_channel=per_channel,
            reduce_range=per_channel,
        )
        quantized: onnx.ModelProto = onnx.load(after)
    del quantized.metadata_props[:]
    return quantized


def main() -> None:
    """Export a transformers checkpoint folder."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--checkpoint", type=Path, required=True, help="transformers folder")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument("--float", action="store_true", help="keep float32 files too")
    arguments = parser.parse_args()
    from transformers import VisionEncoderDecoderModel

    load: Any = VisionEncoderDecoderModel.from_pretrained
    model = load(arguments.checkpoint)
    export_graphs(
        weights_from_torch(model), model.config.to_dict(), arguments.out, keep_float=arguments.float
    )
    copy_text_files(arguments.checkpoint, arguments.out)


if __name__ == "__main__":
    main()
