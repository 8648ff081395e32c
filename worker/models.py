"""Models: from files, wherever they are, to something that captions."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pycore.errors import AssetError, NetworkError
from pycore.generation import GenerationConfig
from pycore.image_processor import ImageProcessor
from pycore.pipeline import ImageToText
from pycore.tokenizer import Tokenizer
from worker.caption_model import OrtCaptionModel

STARTER = "starter"

ReportBytes = Callable[[int, int, str], None]
"""Called with bytes loaded, bytes in total, and where they come from."""


class ModelSource(Protocol):
    """Gives the files of one model, all of them verified.

    Attributes:
        id: named in results.
        revision: named in results.
        encoder_path, decoder_path: of the ONNX files.
        confidence_threshold: captions below it are flagged; 0 to 1.
        generation_defaults: options that go before the model's own settings.
    """

    id: str
    revision: str
    encoder_path: str
    decoder_path: str
    confidence_threshold: float
    generation_defaults: Mapping[str, object]

    def has(self, path: str) -> bool:
        """Whether there is such a file."""

    async def read_json(self, path: str) -> Any:
        """A JSON file, parsed.

        Raises:
            AssetError: when it is missing or no JSON.
        """

    async def read_bytes(self, path: str) -> Any:
        """A file as a JavaScript Uint8Array, which the caller owns.

        Raises:
            AssetError: when it is missing.
        """


class BuiltInSource:
    """A model that comes with the site, in hub layout.

    Args:
        files: of the model: path inside its folder -> (URL, size in bytes).
        revision: named in results.
        read: ``readBytes`` of read_bytes.mjs.
        report: told how many bytes have come.
    """

    id = STARTER
    encoder_path = "onnx/encoder_model_quantized.onnx"
    decoder_path = "onnx/decoder_model_merged_quantized.onnx"
    generation_defaults: Mapping[str, object] = {}

    def __init__(
        self,
        files: Mapping[str, tuple[str, int]],
        revision: str,
        read: Callable[..., Any],
        report: ReportBytes,
    ) -> None:
        self.revision = revision
        self.confidence_threshold = 0.0
        self._files = files
        self._read = read
        self._report = report
        self._loaded = 0
        self._total = sum(size for _, size in files.values())

    @classmethod
    async def open(cls, host: Any, report: ReportBytes) -> BuiltInSource:
        """Find the model's files in the site's assets.json, and read what it says about itself.

        Args:
            host: of captioner.mjs.
            report: told how many bytes have come.

        Raises:
            AssetError, NetworkError: when they cannot be had.
        """
        folder = f"models/{STARTER}/"
        files = {
            str(entry.url).removeprefix(folder): (host.baseUrl + entry.url, int(entry.size_bytes))
            for entry in host.assets.model
        }
        source = cls(files, str(host.assets.version), host.readBytes, report)
        about = await source.read_json("seesay.json")
        source.confidence_threshold = float(about["confidence_threshold"])
        return source

    def has(self, path: str) -> bool:
        """Whether there is such a file."""
        return path in self._files

    async def read_json(self, path: str) -> Any:
        """A JSON file, parsed.

        Raises:
            AssetError, NetworkError: when it cannot be had.
        """
        data = (await self.read_bytes(path)).to_bytes()
        try:
            return json.loads(data)
        except ValueError as error:
            message = f"{path} of the built-in model is damaged. Reload the page."
            raise AssetError(message, detail=str(error)) from error

    async def read_bytes(self, path: str) -> Any:
        """A file as a JavaScript Uint8Array.

        Raises:
            AssetError, NetworkError: when it cannot be had.
        """
        if path not in self._files:
            raise AssetError(f"The built-in model has no file {path}. Reload the page.")
        url, size_bytes = self._files[path]
        result = await self._read(url, size_bytes, self._count)
        if isinstance(result, str):
            raise NetworkError(
                "The built-in model could not be loaded. Check the connection and try again.",
                detail=f"{url}: {result}",
            )
        return result

    def _count(self, size_bytes: int) -> None:
        self._loaded += size_bytes
        self._report(self._loaded, self._total, "site")


@dataclass
class LoadedModel:
    """A model that is ready to caption.

    Attributes:
        name: what the page calls it.
        pipeline: captions.
        runtime_model: its sessions.
    """

    name: str
    id: str
    revision: str
    pipeline: ImageToText
    runtime_model: OrtCaptionModel

    def describe(self) -> dict[str, str]:
        """Return the payload of ``load``'s ``done``."""
        return {"id": self.id, "revision": self.revision}


async def load_model(name: str, source: ModelSource, runtime: Any, notes: list[str]) -> LoadedModel:
    """Read a model and create its sessions.

    Args:
        name: what the page calls it.
        source: its files.
        runtime: the OrtRuntime of ort_runtime.mjs.
        notes: sentences for the diagnostics are added here.

    Raises:
        SeesayError: when the files are not what they should be, or the runtime fails.
    """
    config = await source.read_json("config.json")
    generation_config = await _read_optional(source, "generation_config.json")
    preprocessor_config = await source.read_json("preprocessor_config.json")
    tokenizer_config = await _read_optional(source, "tokenizer_config.json")
    tokenizer_file = (await source.read_bytes("tokenizer.json")).to_bytes()
    processor = ImageProcessor.from_config(preprocessor_config)
    tokenizer = Tokenizer.from_json(tokenizer_file, tokenizer_config)
    generation = GenerationConfig.from_model(
        config, generation_config, defaults=source.generation_defaults
    )
    runtime_model = await OrtCaptionModel.load(runtime, source, config, notes)
    pipeline = ImageToText(
        image_processor=processor,
        tokenizer=tokenizer,
        generation_config=generation,
        model=runtime_model,
        model_id=source.id,
        revision=source.revision,
        confidence_threshold=source.confidence_threshold,
        clock=time.perf_counter,
    )
    return LoadedModel(name, source.id, source.revision, pipeline, runtime_model)


async def _read_optional(source: ModelSource, path: str) -> Any:
    return await source.read_json(path) if source.has(path) else None
