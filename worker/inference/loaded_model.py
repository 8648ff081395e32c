"""Models: from files, wherever they are, to something that captions."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from pycore.captioning.attention_map import patch_grid
from pycore.captioning.pipeline import ImageToText
from pycore.generation import GenerationConfig
from pycore.images.processor import ImageProcessor
from pycore.models.catalogue import ModelEntry, check_model_config
from pycore.text.tokenizer import Tokenizer
from worker.inference.caption_model import OrtCaptionModel
from worker.inference.model_files import ModelFiles


@dataclass(frozen=True)
class LoadedModel:
    """A model that is ready to caption.

    Attributes:
        name: what the page calls it.
        entry: what the catalogue knows of it.
        pipeline: captions.
        runtime_model: its sessions.
    """

    name: str
    entry: ModelEntry
    pipeline: ImageToText
    runtime_model: OrtCaptionModel


async def load_model(
    name: str, source: ModelFiles, runtime: Any, splitter_hash: str, *, is_low_memory: bool
) -> LoadedModel:
    """Read a model and create its sessions.

    Args:
        name: what the page calls it.
        source: its files.
        runtime: the OrtRuntime of runtime.mjs.
        splitter_hash: names the code that splits decoders; what other code made is made again.
        is_low_memory: be sparing with memory rather than fast.

    Raises:
        SeesayError: when the files are not what they should be, or the runtime fails.
    """
    entry = source.entry
    paths = {file.path for file in entry.files}
    config = await source.read_json("config.json")
    check_model_config(config)

    async def read_optional(path: str) -> Any:
        return await source.read_json(path) if path in paths else None

    tokenizer_config = await read_optional("tokenizer_config.json")
    tokenizer_file = (await source.read_bytes("tokenizer.json")).to_bytes()
    tokenizer = Tokenizer.from_json(tokenizer_file, tokenizer_config)
    processor = ImageProcessor.from_config(await source.read_json("preprocessor_config.json"))
    generation = GenerationConfig.from_model(
        config, await read_optional("generation_config.json"), defaults=entry.generation
    )
    runtime_model = OrtCaptionModel(
        runtime, source, config, splitter_hash, is_low_memory=is_low_memory
    )
    await runtime_model.load()
    pipeline = ImageToText(
        image_processor=processor,
        tokenizer=tokenizer,
        generation_config=generation,
        model=runtime_model,
        model_id=entry.id,
        revision=entry.revision,
        confidence_threshold=entry.confidence_threshold,
        clock=time.perf_counter,
        patch_grid=patch_grid(config["encoder"]),
    )
    return LoadedModel(name, entry, pipeline, runtime_model)
