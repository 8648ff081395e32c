"""Models: from files, wherever they are, to something that captions."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from pycore.captioning.pipeline import ImageToText
from pycore.families import family_of
from pycore.images.processor import ImageProcessor
from pycore.interfaces import CaptionModel
from pycore.models.catalogue import STARTER_ID, ModelEntry
from pycore.text.tokenizer import Tokenizer
from seesay.inference.caption_model import OnnxCaptionModel
from seesay.inference.florence_model import FlorenceModel

if TYPE_CHECKING:
    from seesay.models.model_files import ModelFiles

MAX_DEFAULT_THREADS = 4


class RuntimeModel(CaptionModel, Protocol):
    """A CaptionModel that can be asked how it is.

    Attributes:
        notes: sentences for the diagnostics.
    """

    notes: list[str]

    @property
    def decoder_layout(self) -> Literal["merged", "split"]:
        """How the decoder runs."""


def _vision_encoder_decoder(
    files: ModelFiles, config: Any, _processor: ImageProcessor, threads: int, low_memory: bool
) -> RuntimeModel:
    return OnnxCaptionModel(files, config, threads, low_memory=low_memory)


def _florence2(
    files: ModelFiles, config: Any, processor: ImageProcessor, threads: int, low_memory: bool
) -> RuntimeModel:
    return FlorenceModel(files, config, processor.size, threads, low_memory=low_memory)


_RUNTIME_MODELS = {"vision-encoder-decoder": _vision_encoder_decoder, "florence2": _florence2}
"""What runs the models of each family."""


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
    runtime_model: RuntimeModel
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
    family = family_of(config)

    def read_optional(path: str) -> Any:
        return files.read_json(path) if path in paths else None

    threads = num_threads or _default_threads(entry)
    processor = ImageProcessor.from_config(files.read_json("preprocessor_config.json"))
    tokenizer = Tokenizer.from_json(
        files.read_bytes("tokenizer.json"), read_optional("tokenizer_config.json")
    )
    runtime_model: RuntimeModel = _RUNTIME_MODELS[family.model_type](
        files, config, processor, threads, low_memory
    )
    pipeline = ImageToText(
        image_processor=processor,
        tokenizer=tokenizer,
        generation_config=family.generation_config(
            config, read_optional("generation_config.json"), defaults=entry.generation
        ),
        model=runtime_model,
        model_id=entry.id,
        revision=entry.revision,
        confidence_threshold=entry.confidence_threshold,
        clock=time.perf_counter,
        patch_grid=family.patch_grid(config, processor.size),
        tasks=family.tasks(tokenizer),
    )
    return LoadedModel(name, entry, pipeline, runtime_model, threads)


def _default_threads(entry: ModelEntry) -> int:
    # Graphs as small as the starter's lose more than they gain by threads that wait for each other.
    return 1 if entry.id == STARTER_ID else min(MAX_DEFAULT_THREADS, os.cpu_count() or 1)
