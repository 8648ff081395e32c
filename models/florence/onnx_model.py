"""A Florence-2 folder in hub layout on onnxruntime's CPU, behind pycore's protocols.

The vision encoder is mended and the decoder split as in the browser, unless told otherwise.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from pycore.captioning.pipeline import ImageToText
from pycore.families import family_of
from pycore.families.florence2 import davit_shape
from pycore.images.processor import ImageProcessor
from pycore.interfaces import FloatArray, IntArray, StepOutput
from pycore.onnx_graph import BytesSource, SplitDecoder, split_decoder
from pycore.onnx_graph.davit import DavitShape, mend_vision_encoder
from pycore.onnx_graph.embedding_table import EmbeddingTable
from pycore.text.tokenizer import Tokenizer


class FlorenceSession:
    """A DecoderSession: the caches of one answer."""

    def __init__(
        self,
        session: onnxruntime.InferenceSession,
        graphs: SplitDecoder,
        embeddings: EmbeddingTable,
        context: dict[str, Any],
        images: int,
    ) -> None:
        self._session = session
        self._graphs = graphs
        self._embeddings = embeddings
        self._context = context
        shapes = {node.name: node.shape for node in session.get_inputs()}
        keys = next(value for name, value in context.items() if name.endswith(".key"))
        _, heads, _, head_size = keys.shape
        empty = np.zeros((images, heads, 0, head_size), np.float32)
        self._past = dict.fromkeys((n for n in graphs.past_inputs if n in shapes), empty)

    async def step(self, input_ids: IntArray, beam_idx: IntArray | None = None) -> StepOutput:
        """Run the newest tokens, one after the other; see DecoderSession."""
        if beam_idx is not None:
            self._past = {name: past[beam_idx] for name, past in self._past.items()}
            self._context = {name: value[beam_idx] for name, value in self._context.items()}
        outputs = ["logits", *self._graphs.present_outputs]
        logits = np.empty(0, np.float32)
        for column in input_ids.T:
            embeds = self._embeddings.rows(column[:, None])
            feeds = {self._graphs.token_input: embeds, **self._context, **self._past}
            logits, *present = self._session.run(outputs, feeds)
            self._past = dict(zip(self._past, present, strict=True))
        return StepOutput(logits[:, -1])

    async def attend(self, input_ids: IntArray, images: IntArray) -> FloatArray | None:
        """Tell nothing: these graphs do not put attentions out."""
        del input_ids, images
        return None

    def release(self) -> None:
        """Forget the caches."""
        self._past, self._context = {}, {}


class FlorenceImages:
    """EncodedImages: the features of some images."""

    def __init__(self, model: FlorenceModel, features: FloatArray) -> None:
        self._model = model
        self.features = features

    async def open(self, prompt_ids: Sequence[int] = ()) -> FlorenceSession:
        """Read the prompt after the features; see EncodedImages."""
        return self._model.open(self.features, prompt_ids)

    def release(self) -> None:
        """Keep the features: Python frees them."""


class FlorenceModel:
    """The graphs of a folder; a CaptionModel.

    Args:
        folder: in hub layout.
        suffix: of the files' names; empty for those in float32.
        shape: of the vision encoder.
        mends: what is mended of it; see ``mend_vision_encoder``.

    Attributes:
        looks: how often the vision encoder ran.
    """

    def __init__(
        self, folder: Path, shape: DavitShape, suffix: str = "_quantized", **mends: bool
    ) -> None:
        self.looks = 0
        files = {
            name: folder / "onnx" / f"{name}{suffix}.onnx"
            for name in ("vision_encoder", "embed_tokens", "encoder_model", "decoder_model_merged")
        }
        vision, decoder = files["vision_encoder"], files["decoder_model_merged"]
        mended = mend_vision_encoder(BytesSource(vision.read_bytes()), vision.name, shape, **mends)
        self._graphs = split_decoder(BytesSource(decoder.read_bytes()), decoder.name)
        self._vision = _session(mended, vision)
        self._text = onnxruntime.InferenceSession(files["encoder_model"])
        self._prelude = _session(self._graphs.prelude, decoder)
        self._step = _session(self._graphs.step, decoder)
        self._embeddings = EmbeddingTable.from_source(
            BytesSource(files["embed_tokens"].read_bytes())
        )

    async def encode(self, pixel_values: FloatArray, *, attentions: bool = False) -> FlorenceImages:
        """Look at images, one by one; see CaptionModel."""
        del attentions
        self.looks += 1
        features = [
            self._vision.run(["image_features"], {"pixel_values": image[None]})[0]
            for image in pixel_values
        ]
        return FlorenceImages(self, np.concatenate(features))

    def open(self, features: FloatArray, prompt_ids: Sequence[int]) -> FlorenceSession:
        """Read a prompt after the features of some images, one by one."""
        prompt = self._embeddings.rows(np.array([prompt_ids], dtype=np.int64))
        contexts = []
        for image in features:
            embeds = np.concatenate([image[None], prompt], axis=1)
            mask = np.ones(embeds.shape[:2], dtype=np.int64)
            feeds = {"inputs_embeds": embeds, "attention_mask": mask}
            (states,) = self._text.run(["last_hidden_state"], feeds)
            names = list(self._graphs.prelude_outputs)
            values = self._prelude.run(names, {self._graphs.encoder_input: states})
            contexts.append(dict(zip(names, values, strict=True)))
        context = {name: np.concatenate([each[name] for each in contexts]) for name in contexts[0]}
        return FlorenceSession(self._step, self._graphs, self._embeddings, context, len(features))


def florence_captioner(folder: Path, suffix: str = "_quantized", **mends: bool) -> ImageToText:
    """Compose pycore's pipeline from a model folder."""

    def read(name: str) -> Any:
        return json.loads((folder / name).read_text(encoding="utf-8"))

    config = read("config.json")
    family = family_of(config)
    processor = ImageProcessor.from_config(read("preprocessor_config.json"))
    tokenizer = Tokenizer.from_json(
        (folder / "tokenizer.json").read_bytes(), read("tokenizer_config.json")
    )
    return ImageToText(
        image_processor=processor,
        tokenizer=tokenizer,
        generation_config=family.generation_config(config, read("generation_config.json")),
        model=FlorenceModel(folder, davit_shape(config, processor.size), suffix, **mends),
        model_id=folder.name,
        revision="",
        confidence_threshold=0.0,
        clock=time.perf_counter,
        patch_grid=family.patch_grid(config),
        tasks=family.tasks(tokenizer),
    )


def _session(graph: bytes, weights: Path) -> onnxruntime.InferenceSession:
    """Open a rewritten graph, whose weights lie in another file."""
    with tempfile.NamedTemporaryFile(suffix=".onnx", dir=weights.parent) as file:
        file.write(graph)
        file.flush()
        return onnxruntime.InferenceSession(file.name, providers=["CPUExecutionProvider"])
