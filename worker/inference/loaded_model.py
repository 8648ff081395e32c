"""Models: from files, wherever they are, to something that captions."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from pycore.captioning.pipeline import ImageToText
from pycore.families import family_of
from pycore.images.processor import ImageProcessor
from pycore.interfaces import CaptionModel
from pycore.models.catalogue import ModelEntry
from pycore.text.tokenizer import Tokenizer
from worker.inference.caption_model import OrtCaptionModel
from worker.inference.model_files import ModelFiles


class RuntimeModel(CaptionModel, Protocol):
    """A CaptionModel that can be loaded, asked how it is, and let go.

    Attributes:
        notes: sentences for the diagnostics.
    """

    notes: list[str]

    @property
    def decoder_layout(self) -> Literal["split", "merged"] | None:
        """How the decoder runs; None while there is none."""

    async def load(self) -> None:
        """Create the sessions that the first image needs first."""

    async def release(self) -> None:
        """Free the sessions."""


def _vision_encoder_decoder(
    runtime: Any,
    source: ModelFiles,
    config: Any,
    _processor: ImageProcessor,
    splitter_hash: str,
    is_low_memory: bool,
) -> RuntimeModel:
    return OrtCaptionModel(runtime, source, config, splitter_hash, is_low_memory=is_low_memory)


def _florence2(
    runtime: Any,
    source: ModelFiles,
    config: Any,
    processor: ImageProcessor,
    splitter_hash: str,
    is_low_memory: bool,
) -> RuntimeModel:
    # Most visits never need it, and what is not imported costs no start.
    from worker.inference.florence_model import FlorenceModel  # noqa: PLC0415

    return FlorenceModel(
        runtime, source, config, processor.size, splitter_hash, is_low_memory=is_low_memory
    )


_RUNTIME_MODELS = {"vision-encoder-decoder": _vision_encoder_decoder, "florence2": _florence2}
"""What runs the models of each family."""


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
    runtime_model: RuntimeModel


async def load_model(
    name: str,
    source: ModelFiles,
    runtime: Any,
    splitter_hash: str,
    *,
    is_low_memory: bool,
    at_once: bool = True,
) -> LoadedModel:
    """Read a model and create its sessions.

    Args:
        name: what the page calls it.
        source: its files.
        runtime: the OrtRuntime of runtime.mjs.
        splitter_hash: names the code that splits decoders; what other code made is made again.
        is_low_memory: be sparing with memory rather than fast.
        at_once: create the sessions that the first image needs first now; else with that image.

    Raises:
        SeesayError: when the files are not what they should be, or the runtime fails.
    """
    entry = source.entry
    paths = {file.path for file in entry.files}
    config = await source.read_json("config.json")
    family = family_of(config)

    async def read_optional(path: str) -> Any:
        return await source.read_json(path) if path in paths else None

    tokenizer_config = await read_optional("tokenizer_config.json")
    tokenizer_file = (await source.read_bytes("tokenizer.json")).to_bytes()
    tokenizer = Tokenizer.from_json(tokenizer_file, tokenizer_config)
    processor = ImageProcessor.from_config(await source.read_json("preprocessor_config.json"))
    generation = family.generation_config(
        config, await read_optional("generation_config.json"), defaults=entry.generation
    )
    make = _RUNTIME_MODELS[family.model_type]
    runtime_model = make(runtime, source, config, processor, splitter_hash, bool(is_low_memory))
    pipeline = ImageToText(
        image_processor=processor,
        tokenizer=tokenizer,
        generation_config=generation,
        model=runtime_model,
        model_id=entry.id,
        revision=entry.revision,
        confidence_threshold=entry.confidence_threshold,
        clock=time.perf_counter,
        patch_grid=family.patch_grid(config, processor.size),
        tasks=family.tasks(tokenizer),
    )
    if at_once:
        try:
            await runtime_model.load()
        except BaseException:
            await runtime_model.release()  # what was created before it failed; nobody else can
            raise
    return LoadedModel(name, entry, pipeline, runtime_model)
