"""Models: from files, wherever they are, to something that captions."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pycore.captioning.attention_map import patch_grid
from pycore.captioning.pipeline import ImageToText
from pycore.generation import GenerationConfig
from pycore.images.processor import ImageProcessor
from pycore.models.catalogue import STARTER_ID, ModelEntry, check_model_config
from pycore.text.tokenizer import Tokenizer
from seesay.inference.caption_model import OnnxCaptionModel

if TYPE_CHECKING:
    from seesay.models.model_files import ModelFiles

MAX_DEFAULT_THREADS = 4


@dataclass(frozen=True)
class LoadedModel:
    """A model that is ready to caption.

    Attributes:
        name: what the caller calls it.
        entry: what is known of it.
        pipeline: captions.
        runtime_model: its sessions.
        threads: that one run may use.
    """

    name: str
    entry: ModelEntry
    pipeline: ImageToText
    runtime_model: OnnxCaptionModel
    threads: int


def load_model(
    name: str, files: ModelFiles, *, num_threads: int | None, low_memory: bool
) -> LoadedModel:
    """Read a model and create its sessions.

    Args:
        name: what the caller calls it.
        files: the model's.
        num_threads: that one run may use; None for as many as pay.
        low_memory: be sparing with memory rather than fast.

    Raises:
        AssetError: the files are not what they should be.
        InferenceError: the runtime fails.
    """
    entry = files.entry
    paths = {file.path for file in entry.files}
    config = files.read_json("config.json")
    check_model_config(config)

    def read_optional(path: str) -> Any:
        return files.read_json(path) if path in paths else None

    threads = num_threads or _default_threads(entry)
    runtime_model = OnnxCaptionModel(files, config, threads, low_memory=low_memory)
    pipeline = ImageToText(
        image_processor=ImageProcessor.from_config(files.read_json("preprocessor_config.json")),
        tokenizer=Tokenizer.from_json(
            files.read_bytes("tokenizer.json"), read_optional("tokenizer_config.json")
        ),
        generation_config=GenerationConfig.from_model(
            config, read_optional("generation_config.json"), defaults=entry.generation
        ),
        model=runtime_model,
        model_id=entry.id,
        revision=entry.revision,
        confidence_threshold=entry.confidence_threshold,
        clock=time.perf_counter,
        patch_grid=patch_grid(config["encoder"]),
    )
    return LoadedModel(name, entry, pipeline, runtime_model, threads)


def _default_threads(entry: ModelEntry) -> int:
    # Graphs as small as the starter's lose more than they gain by threads that wait for each other.
    return 1 if entry.id == STARTER_ID else min(MAX_DEFAULT_THREADS, os.cpu_count() or 1)
