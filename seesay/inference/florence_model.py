"""Florence-2 on onnxruntime: pycore's CaptionModel.

The vision encoder is mended and the decoder split (pycore/onnx_graph says why); embeddings are read
row by row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from pycore.families.family import NO_ATTENTIONS
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
        low_memory: what looks and what writes take turns in memory, and are opened anew for each
            image.
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
        *,
        low_memory: bool = False,
        mends: Mapping[str, bool] | None = None,
    ) -> None:
        self.notes: list[str] = []
        self._files = files
        self._threads = threads
        self._low_memory = low_memory
        self._mends = mends or {}
        self._shape = davit_shape(config, size)
        self._is_attentive = False
        self._vision: Session | None = None
        self._writer: _Writer | None = None
        self._open_vision()
        if not low_memory:
            self._open_writer()

    async def encode(self, pixel_values: FloatArray, *, attentions: bool = False) -> FlorenceImages:
        """Look at images; see pycore.interfaces."""
        if self._low_memory or (attentions and not self._is_attentive):
            self._writer = None
        # It tells attentions once asked, for they cost time in each step.
        self._is_attentive |= attentions
        vision = self._open_vision()
        # One by one: quantisation is per tensor, so in a batch each would depend on the rest.
        features = [vision.run_pixels(image[None]) for image in pixel_values]
        if self._low_memory:
            self._vision = None
        else:
            self._open_writer()
        return FlorenceImages(self, features)

    def ask(self, features: Sequence[FloatArray], prompt_ids: Sequence[int]) -> FlorenceSteps:
        """Let the text encoder read a prompt after what was seen in each image.

        Args:
            features: of each image, float32 of shape (1, image tokens, width).
            prompt_ids: the same for all.

        Raises:
            InferenceError: when the runtime fails.
        """
        return self._open_writer().ask(features, prompt_ids)

    def _open_vision(self) -> Session:
        if self._vision is None:
            data = self._files.read_bytes(VISION_ENCODER_PATH)
            mended = mend_vision_encoder(BytesSource(data), _VISION, self._shape, **self._mends)
            self._vision = Session(mended, self._threads, {_VISION: data})
        return self._vision

    def _open_writer(self) -> _Writer:
        if self._writer is None:
            self._writer = _Writer(
                self._files,
                self._threads,
                low_memory=self._low_memory,
                attentions=self._is_attentive,
            )
            is_silent = self._is_attentive and self._writer.graphs.attention_output is None
            if is_silent and NO_ATTENTIONS not in self.notes:
                self.notes.append(NO_ATTENTIONS)
        return self._writer


class _Writer:
    """What reads a question and writes the answer.

    Args:
        files: the model's.
        threads: that one run may use.
        low_memory: let the runtime keep no rearranged copies of weights.
        attentions: the decoder can tell where it looked, if it is such a decoder.

    Attributes:
        graphs: of the decoder.

    Raises:
        AssetError: the files are not what they should be.
        InferenceError: the runtime refuses them.
    """

    def __init__(
        self, files: ModelFiles, threads: int, *, low_memory: bool, attentions: bool
    ) -> None:
        self._text_encoder = Session(files.read_bytes(TEXT_ENCODER_PATH), threads)
        data = files.read_bytes(DECODER_PATH)
        self.graphs = split_decoder(
            BytesSource(data),
            _DECODER,
            logsumexp=True,
            attentions=attentions,
            low_memory=low_memory,
        )
        self._prelude = Session(self.graphs.prelude, threads, {_DECODER: data})
        self._step = Session(self.graphs.step, threads, {_DECODER: data})
        source = BytesSource(files.read_bytes(EMBEDDINGS_PATH))
        self._embeddings = EmbeddingTable.from_source(source)

    def ask(self, features: Sequence[FloatArray], prompt_ids: Sequence[int]) -> FlorenceSteps:
        """Let the text encoder read a prompt; see ``FlorenceModel.ask``."""
        prompt = self._embeddings.rows(np.array([prompt_ids], dtype=np.int64))
        names = self.graphs.prelude_outputs
        contexts = []
        for image in features:
            embeds = np.concatenate([image, prompt], axis=1)
            mask = np.ones(embeds.shape[:2], dtype=np.int64)
            feeds = {"inputs_embeds": embeds, "attention_mask": mask}
            (states,) = self._text_encoder.run(["last_hidden_state"], feeds, _READING)
            values = self._prelude.run(names, {self.graphs.encoder_input: states}, _READING)
            contexts.append(dict(zip(names, values, strict=True)))
        seen = features[0].shape[1]
        return FlorenceSteps(self._step, self.graphs, self._embeddings, contexts, seen)


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
        image_tokens: how many of the encoder's tokens are the image's, from the first on.
    """

    def __init__(
        self,
        session: Session,
        graphs: SplitDecoder,
        embeddings: EmbeddingTable,
        contexts: Sequence[Mapping[str, FloatArray]],
        image_tokens: int,
    ) -> None:
        self._image_tokens = image_tokens
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
        self._empty = np.zeros((1, heads, 0, head_size), np.float32)
        self._past = self._empty_past(len(contexts))

    async def step(self, input_ids: IntArray, beam_idx: IntArray | None = None) -> StepOutput:
        """Run the newest tokens, one after the other; see pycore.interfaces."""
        if beam_idx is not None:
            self._images = self._images[beam_idx]
            self._past = {name: past[beam_idx] for name, past in self._past.items()}
        context = self._rows(self._images)
        for column in input_ids.T:  # the step has no causal mask
            (logits, logsumexp), self._past = self._run(
                ["logits", "logsumexp"], column, context, self._past
            )
        return StepOutput(logits[:, -1], logsumexp[:, -1])

    async def attend(self, input_ids: IntArray, images: IntArray) -> FloatArray | None:
        """Tell where the decoder looks, token by token; see pycore.interfaces."""
        if self._graphs.attention_output is None:
            return None
        context, past = self._rows(images), self._empty_past(len(images))
        found = []
        for column in input_ids.T:
            (weights,), past = self._run([self._graphs.attention_output], column, context, past)
            found.append(weights)
        return np.concatenate(found, axis=1)[:, :, : self._image_tokens]

    def release(self) -> None:
        """Free the caches. Harmless when called twice."""
        self._past, self._context = {}, {}

    def _run(
        self,
        outputs: Sequence[str],
        ids: IntArray,
        context: Mapping[str, FloatArray],
        past: Mapping[str, FloatArray],
    ) -> tuple[list[FloatArray], dict[str, FloatArray]]:
        """Read one token of each row; some outputs, and the caches after it."""
        embeds = self._embeddings.rows(ids[:, None])
        feeds = {self._graphs.token_input: embeds, **context, **past}
        names = [*outputs, *self._graphs.present_outputs]
        values = self._session.run(names, feeds, _WRITING)
        present = values[len(outputs) :]
        return values[: len(outputs)], dict(zip(self._graphs.past_inputs, present, strict=True))

    def _empty_past(self, rows: int) -> dict[str, FloatArray]:
        return dict.fromkeys(self._graphs.past_inputs, np.repeat(self._empty, rows, axis=0))

    def _rows(self, images: IntArray) -> Mapping[str, FloatArray]:
        """What was seen, a row for each of some images; one image serves any number of rows."""
        if self._is_alone:
            return self._context
        return {name: values[images] for name, values in self._context.items()}
