"""The decoder in its two layouts: as downloaded, and split into prelude and step.

Split is several times faster (pycore/onnx_graph/split.py says why), tells attentions, and is what
the site runs, so that captions are the same. What cannot be split runs as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol

from pycore.errors import UnsupportedModelError
from pycore.families import family_of
from pycore.onnx_graph.split_cache import WEIGHTS_LOCATION, split_for_worker
from pycore.onnx_graph.wire import BytesSource
from seesay.inference.decoder_steps import (
    INPUT_IDS,
    LOGITS,
    USE_CACHE_BRANCH,
    DecoderSteps,
    Layout,
)
from seesay.inference.sessions import Session

if TYPE_CHECKING:
    from pycore.interfaces import FloatArray

PAST, PRESENT = "past_key_values.", "present."
HIDDEN_STATES = "encoder_hidden_states"


class Decoder(Protocol):
    """A decoder in one of its layouts.

    Attributes:
        layout: which one.
    """

    layout: Literal["merged", "split"]

    def open(self, hidden_states: Sequence[FloatArray]) -> DecoderSteps:
        """Start on some images.

        Args:
            hidden_states: of each image, float32 of shape (1, encoder tokens, width).

        Raises:
            InferenceError: when the runtime fails.
        """


class MergedDecoder:
    """The official layout: one file, ``use_cache_branch`` tells the first step from the others.

    Args:
        data: the decoder's file.
        config: the model's config.json.
        threads: that one run may use.

    Raises:
        UnsupportedModelError: this is no decoder in that layout.
        InferenceError: the runtime refuses it.
    """

    layout: Literal["merged", "split"] = "merged"

    def __init__(self, data: bytes, config: Mapping[str, Any], threads: int) -> None:
        self._session = Session(data, threads)
        self._steps = describe_steps(self._session, config, context=(HIDDEN_STATES,))

    def open(self, hidden_states: Sequence[FloatArray]) -> DecoderSteps:
        """Start on some images; see Decoder."""
        contexts = [{HIDDEN_STATES: states} for states in hidden_states]
        return DecoderSteps(self._session, self._steps, contexts)


class SplitDecoder:
    """Two graphs: the prelude once for each image, the step for each token.

    Args:
        data: the decoder's file.
        config: the model's config.json.
        threads: that one run may use.
        low_memory: be sparing with memory rather than fast.
        attentions: the sessions can tell where the decoder looked, if the decoder does.

    Raises:
        GraphError: the decoder cannot be split.
        UnsupportedModelError: its inputs are of another kind.
        InferenceError: the runtime refuses it.
    """

    layout: Literal["merged", "split"] = "split"

    def __init__(
        self,
        data: bytes,
        config: Mapping[str, Any],
        threads: int,
        *,
        low_memory: bool,
        attentions: bool,
    ) -> None:
        graphs = split_for_worker(BytesSource(data), low_memory=low_memory, attentions=attentions)
        weights = {WEIGHTS_LOCATION: data}
        self._graphs = graphs
        self._prelude = Session(graphs.prelude, threads, weights)
        self._step = Session(graphs.step, threads, weights)
        self._steps = describe_steps(
            self._step,
            config,
            graphs.prelude_outputs,
            shares_context=True,
            attentions=graphs.attention_output,
            logsumexp=graphs.logsumexp_output,
        )

    @property
    def tells_attentions(self) -> bool:
        """Whether the sessions tell where the decoder looked."""
        return self._graphs.attention_output is not None

    def open(self, hidden_states: Sequence[FloatArray]) -> DecoderSteps:
        """Start on some images; see Decoder."""
        names = self._graphs.prelude_outputs
        doing = "preparing the caption"
        # One by one: quantisation is per tensor, so in a batch each would depend on the rest.
        contexts = [
            dict(
                zip(
                    names,
                    self._prelude.run(names, {self._graphs.encoder_input: states}, doing),
                    strict=True,
                )
            )
            for states in hidden_states
        ]
        return DecoderSteps(self._step, self._steps, contexts)


def describe_steps(
    session: Session,
    config: Mapping[str, Any],
    context: Iterable[str],
    *,
    shares_context: bool = False,
    attentions: str | None = None,
    logsumexp: str | None = None,
) -> Layout:
    """Find out what a decoder's inputs and outputs are called and how large its caches are.

    Args:
        session: of the decoder, or of its step graph.
        config: the model's config.json.
        context: inputs that stay the same in all steps of one image.
        shares_context: see Layout.
        attentions: see Layout.
        logsumexp: see Layout.

    Raises:
        UnsupportedModelError: there is an input that Seesay does not know how to fill.
    """
    inputs, outputs = set(session.inputs), set(session.outputs)
    pasts = tuple(name for name in session.inputs if name.startswith(PAST))
    presents = tuple(PRESENT + name.removeprefix(PAST) for name in pasts)
    unknown = inputs - {INPUT_IDS, USE_CACHE_BRANCH, *context, *pasts}
    if unknown or not pasts or INPUT_IDS not in inputs or not outputs >= {LOGITS, *presents}:
        raise UnsupportedModelError(
            "its decoder is built in another way.",
            detail=f"inputs {sorted(inputs)}, outputs {sorted(outputs)}",
        )
    heads, width = family_of(config).decoder_shape(config)
    return Layout(
        past=pasts,
        present=presents,
        heads=heads,
        width=width,
        shares_context=shares_context,
        switches=USE_CACHE_BRANCH in inputs,
        attentions=attentions,
        logsumexp=logsumexp,
    )
