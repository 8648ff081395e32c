"""Florence-2 on onnxruntime: pycore's CaptionModel.

The vision encoder is mended and the decoder split (pycore/onnx_graph says why); embeddings are read
row by row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from pycore.families.florence2 import davit_shape
from pycore.interfaces import FloatArray, IntArray, StepOutput
from pycore.models.layouts import (
    DECODER_PATH,
    EMBEDDINGS_PATH,
    TEXT_ENCODER_PATH,
    VISION_ENCODER_PATH,
)
from pycore.onnx_graph.davit import mend_vision_encoder
from pycore.onnx_graph.embedding_table import EmbeddingTable
from pycore.onnx_graph.split import split_decoder
from pycore.onnx_graph.split_graphs import SplitDecoder
from pycore.onnx_graph.wire import BytesSource
from seesay.inference.sessions import Session

if TYPE_CHECKING:
    from seesay.models.model_files import ModelFiles

_LOOKING, _READING, _WRITING = "looking at the image", "reading the question", "writing the caption"
_VISION, _DECODER = "vision_encoder.onnx", "decoder.onnx"
"""What the rewritten graphs call the files that have their weights."""


class FlorenceModel:
    """A Florence-2 on onnxruntime.

    Args:
        files: the model's.
        config: its config.json.
        size: (height, width) in pixels that images are resized to.
        threads: that one run may use.
        mends: what is mended of the vision encoder, if not all; see ``mend_vision_encoder``.

    Attributes:
        notes: sentences for the diagnostics.
        decoder_layout: how the decoder runs.

    Raises:
        AssetError: the files are not what they should be.
        InferenceError: the runtime refuses the model.
    """

    decoder_layout: Literal["merged", "split"] = "split"

    def __init__(
        self,
        files: ModelFiles,
        config: Mapping[str, Any],
        size: tuple[int, int] | int | None,
        threads: int,
        mends: Mapping[str, bool] | None = None,
    ) -> None:
        self.notes: list[str] = []
        vision, decoder = files.read_bytes(VISION_ENCODER_PATH), files.read_bytes(DECODER_PATH)
        shape = davit_shape(config, size)
        mended = mend_vision_encoder(BytesSource(vision), _VISION, shape, **(mends or {}))
        self._graphs = split_decoder(BytesSource(decoder), _DECODER, logsumexp=True)
        self._vision = Session(mended, threads, {_VISION: vision})
        self._text_encoder = Session(files.read_bytes(TEXT_ENCODER_PATH), threads)
        self._prelude = Session(self._graphs.prelude, threads, {_DECODER: decoder})
        self._step = Session(self._graphs.step, threads, {_DECODER: decoder})
        source = BytesSource(files.read_bytes(EMBEDDINGS_PATH))
        self._embeddings = EmbeddingTable.from_source(source)

    async def encode(self, pixel_values: FloatArray, *, attentions: bool = False) -> FlorenceImages:
        """Look at images; see pycore.interfaces."""
        del attentions  # the official decoder does not tell
        # One by one: quantisation is per tensor, so in a batch each would depend on the rest.
        features = [self._vision.run_pixels(image[None]) for image in pixel_values]
        return FlorenceImages(self, features)

    def ask(self, features: Sequence[FloatArray], prompt_ids: Sequence[int]) -> FlorenceSteps:
        """Let the text encoder read a prompt after what was seen in each image.

        Args:
            features: of each image, float32 of shape (1, image tokens, width).
            prompt_ids: the same for all.

        Raises:
            InferenceError: when the runtime fails.
        """
        prompt = self._embeddings.rows(np.array([prompt_ids], dtype=np.int64))
        names = self._graphs.prelude_outputs
        contexts = []
        for image in features:
            embeds = np.concatenate([image, prompt], axis=1)
            mask = np.ones(embeds.shape[:2], dtype=np.int64)
            feeds = {"inputs_embeds": embeds, "attention_mask": mask}
            (states,) = self._text_encoder.run(["last_hidden_state"], feeds, _READING)
            values = self._prelude.run(names, {self._graphs.encoder_input: states}, _READING)
            contexts.append(dict(zip(names, values, strict=True)))
        return FlorenceSteps(self._step, self._graphs, self._embeddings, contexts)


class FlorenceImages:
    """What was seen in some images: pycore's EncodedImages."""

    def __init__(self, model: FlorenceModel, features: Sequence[FloatArray]) -> None:
        self.features = features
        self._model = model

    async def open(self, prompt_ids: Sequence[int] = ()) -> FlorenceSteps:
        """Ask about the images; see pycore.interfaces."""
        return self._model.ask(self.features, prompt_ids)

    def release(self) -> None:
        """Forget what was seen."""
        self.features = ()


class FlorenceSteps:
    """One batch of answers being written: pycore's DecoderSession.

    Args:
        session: of the step.
        graphs: its names.
        embeddings: of the tokens.
        contexts: results of the prelude for each image, with batch size 1.
    """

    def __init__(
        self,
        session: Session,
        graphs: SplitDecoder,
        embeddings: EmbeddingTable,
        contexts: Sequence[Mapping[str, FloatArray]],
    ) -> None:
        self._session = session
        self._graphs = graphs
        self._embeddings = embeddings
        self._is_alone = len(contexts) == 1
        self._context = {
            name: np.concatenate([each[name] for each in contexts]) for name in contexts[0]
        }
        self._images = np.arange(len(contexts))  # the image that each row is about
        keys = contexts[0][next(name for name in contexts[0] if name.endswith(".key"))]
        heads, head_size = keys.shape[1], keys.shape[3]
        empty = np.zeros((len(contexts), heads, 0, head_size), np.float32)
        self._past = dict.fromkeys(graphs.past_inputs, empty)

    async def step(self, input_ids: IntArray, beam_idx: IntArray | None = None) -> StepOutput:
        """Run the newest tokens, one after the other; see pycore.interfaces."""
        if beam_idx is not None:
            self._images = self._images[beam_idx]
            self._past = {name: past[beam_idx] for name, past in self._past.items()}
        # One image's context serves any number of rows.
        context = self._context if self._is_alone else self._rows()
        outputs = ["logits", "logsumexp", *self._graphs.present_outputs]
        for column in input_ids.T:  # the step has no causal mask
            embeds = self._embeddings.rows(column[:, None])
            feeds = {self._graphs.token_input: embeds, **context, **self._past}
            logits, logsumexp, *present = self._session.run(outputs, feeds, _WRITING)
            self._past = dict(zip(self._graphs.past_inputs, present, strict=True))
        return StepOutput(logits[:, -1], logsumexp[:, -1])

    async def attend(self, input_ids: IntArray, images: IntArray) -> FloatArray | None:
        """Tell nothing: the official decoder does not say where it looks."""
        del input_ids, images
        return None

    def release(self) -> None:
        """Free the caches. Harmless when called twice."""
        self._past, self._context = {}, {}

    def _rows(self) -> dict[str, FloatArray]:
        return {name: values[self._images] for name, values in self._context.items()}
