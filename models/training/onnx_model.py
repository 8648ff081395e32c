"""A model folder in hub layout on onnxruntime's CPU, behind pycore's protocols."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from pycore.captioning.pipeline import ImageToText
from pycore.generation import GenerationConfig
from pycore.images.processor import ImageProcessor
from pycore.interfaces import FloatArray, IntArray, StepOutput
from pycore.text.tokenizer import Tokenizer


class OnnxDecoder:
    """Decodes for one image with the merged decoder; a DecoderSession."""

    def __init__(self, session: onnxruntime.InferenceSession, states: FloatArray) -> None:
        self._session = session
        self._states = states
        self._past: dict[str, NDArray[np.float32]] = {}
        self._outputs = [output.name for output in session.get_outputs()]
        for node in session.get_inputs():
            if node.name.startswith("past_key_values."):
                _, heads, _, width = node.shape
                self._past[node.name] = np.zeros((1, heads, 0, width), np.float32)

    async def open(self, prompt_ids: Sequence[int] = ()) -> OnnxDecoder:
        """Be the one session about the image; see EncodedImages."""
        del prompt_ids
        return self

    async def step(self, input_ids: IntArray, beam_idx: IntArray | None = None) -> StepOutput:
        """Run the newest tokens; see DecoderSession."""
        rows = len(input_ids)
        first = next(iter(self._past.values())).shape[2] == 0
        if beam_idx is not None:
            self._past = {name: past[beam_idx] for name, past in self._past.items()}
        elif first:
            self._past = {n: np.repeat(past, rows, axis=0) for n, past in self._past.items()}
        feeds = {
            "input_ids": input_ids,
            "encoder_hidden_states": np.repeat(self._states, rows, axis=0),
            "use_cache_branch": np.array([not first]),
            **self._past,
        }
        values = dict(zip(self._outputs, self._session.run(None, feeds), strict=True))
        self._past = {n: values[n.replace("past_key_values", "present")] for n in self._past}
        return StepOutput(values["logits"][:, -1])

    async def attend(self, input_ids: IntArray, images: IntArray) -> FloatArray | None:
        """Tell nothing: these graphs do not put attentions out."""
        del input_ids, images
        return None

    def release(self) -> None:
        """Forget the caches."""
        self._past = {}


class OnnxModel:
    """The two graphs of a folder; a CaptionModel."""

    def __init__(self, folder: Path, suffix: str = "_quantized") -> None:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        # Graphs this small lose more than they gain by threads that wait for each other.
        options.intra_op_num_threads = 1
        self._encoder, self._decoder = (
            onnxruntime.InferenceSession(
                folder / "onnx" / f"{name}{suffix}.onnx",
                options,
                providers=["CPUExecutionProvider"],
            )
            for name in ("encoder_model", "decoder_model_merged")
        )

    async def encode(self, pixel_values: FloatArray, *, attentions: bool = False) -> OnnxDecoder:
        """Run the encoder; see CaptionModel."""
        del attentions
        (states,) = self._encoder.run(["last_hidden_state"], {"pixel_values": pixel_values})
        return OnnxDecoder(self._decoder, states)


def captioner(folder: Path, suffix: str = "_quantized") -> ImageToText:
    """Compose pycore's pipeline from a model folder."""

    def read(name: str) -> Any:
        return json.loads((folder / name).read_text(encoding="utf-8"))

    settings = folder / "seesay.json"
    return ImageToText(
        image_processor=ImageProcessor.from_config(read("preprocessor_config.json")),
        tokenizer=Tokenizer.from_json(
            (folder / "tokenizer.json").read_bytes(), read("tokenizer_config.json")
        ),
        generation_config=GenerationConfig.from_model(
            read("config.json"), read("generation_config.json")
        ),
        model=OnnxModel(folder, suffix),
        model_id=folder.name,
        revision="",
        confidence_threshold=(
            read("seesay.json")["confidence_threshold"] if settings.exists() else 0.0
        ),
        clock=time.perf_counter,
    )
