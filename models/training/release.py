"""Turn a checkpoint into models/starter: `python -m models.training.release CHECKPOINT`.

Exports and quantises the averaged weights, checks the float32 graphs' source against this
project's own network, and sets the confidence threshold from scenes of a seed of its own.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from models.export import export_graphs, weights_from_torch
from models.text_files import TOKENIZER_CONFIG, preprocessor_config, write_json
from models.training.evaluate import ROOT, score
from models.training.network import IMAGE_SIDE, MAX_TOKENS, Captioner, to_patches, to_transformers
from models.training.onnx_model import captioner
from models.training.things import THINGS
from models.training.vocabulary import END, make_tokenizer

THRESHOLD_SEED = 424_242
# Share of our own scenes that may look doubtful; the aim is at most 0.05.
FLAGGED_SHARE = 0.035


def check_parity(weights: dict[str, torch.Tensor], model: Any, end: int) -> float:
    """Largest difference in logits between our network and transformers' classes.

    Raises:
        ValueError: the two disagree.
    """
    own = Captioner(len(weights["words.weight"]), len(THINGS))
    own.load_state_dict(weights)
    generator = torch.Generator().manual_seed(1)
    images = torch.randint(0, 256, (4, IMAGE_SIDE, IMAGE_SIDE, 3), generator=generator).byte()
    tokens = torch.randint(1, 300, (4, 9), generator=generator)
    tokens[:, 0] = end
    pixels = images.permute(0, 3, 1, 2).float() * (2 / 255) - 1
    with torch.no_grad():
        ours = own.decode(own.encode(to_patches(images)), tokens)
        theirs = model(pixel_values=pixels, decoder_input_ids=tokens).logits
    difference = float((ours - theirs).abs().max())
    if difference > 1e-3:
        raise ValueError(f"logits differ by {difference}")
    return difference


def write_text_files(out: Path, model: Any) -> None:
    """Write configuration and tokenizer files."""
    out.mkdir(parents=True, exist_ok=True)
    config = json.loads(model.config.to_json_string())
    write_json(out / "config.json", config)
    end = config["decoder_start_token_id"]
    names = ("bos_token_id", "decoder_start_token_id", "eos_token_id", "pad_token_id")
    settings = dict.fromkeys(names, end)
    write_json(out / "generation_config.json", {**settings, "max_new_tokens": MAX_TOKENS - 8})
    write_json(out / "preprocessor_config.json", preprocessor_config(IMAGE_SIDE))
    make_tokenizer().save(str(out / "tokenizer.json"))
    limits = {"max_length": MAX_TOKENS, "model_max_length": MAX_TOKENS}
    # Captions are written as they are meant: no spaces to clean up.
    clean = {"clean_up_tokenization_spaces": False}
    write_json(out / "tokenizer_config.json", {**TOKENIZER_CONFIG, **limits, **clean})
    tokens = ("bos_token", "eos_token", "pad_token", "unk_token")
    write_json(out / "special_tokens_map.json", dict.fromkeys(tokens, END))


def main(argv: list[str] | None = None) -> None:
    """Export, quantise, set the threshold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--out", type=Path, default=ROOT / "models" / "starter")
    parser.add_argument("--scenes", type=int, default=1000, help="to set the threshold from")
    parser.add_argument("--float", action="store_true", help="keep the float32 graphs too")
    options = parser.parse_args(argv)
    torch.set_num_threads(1)
    weights = torch.load(options.checkpoint, weights_only=True)["optimiser"]["average"]
    end = make_tokenizer().token_to_id(END)
    model = to_transformers(weights, end)
    print(f"largest difference in logits: {check_parity(weights, model, end):.2e}")
    write_text_files(options.out, model)
    config = json.loads(model.config.to_json_string())
    export_graphs(weights_from_torch(model), config, options.out, keep_float=options.float)
    (options.out / "seesay.json").unlink(missing_ok=True)
    table, confidences, _ = score(captioner(options.out), THRESHOLD_SEED, options.scenes)
    print(table["all"].row("threshold"))
    threshold = float(np.floor(np.quantile(confidences, FLAGGED_SHARE) * 1000) / 1000)
    write_json(options.out / "seesay.json", {"confidence_threshold": threshold})
    size = sum(path.stat().st_size for path in options.out.rglob("*") if path.is_file())
    print(f"threshold {threshold}, {size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
