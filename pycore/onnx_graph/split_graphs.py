"""The two graphs of a split decoder: what was kept of them is read without the code that splits."""

from __future__ import annotations

from dataclasses import dataclass

IDS_INPUT = "input_ids"


@dataclass(frozen=True, slots=True)
class SplitDecoder:
    """Two graphs that together do what the merged decoder's with-past branch does.

    Attributes:
        prelude: ONNX file: ``encoder_hidden_states`` -> ``prelude_outputs``. Run once an image.
        step: ONNX file: ``token_input``, ``prelude_outputs``, ``past_inputs`` (and what the options
            add) -> ``logits``, ``present_outputs``. The past may have length 0. Prelude results
            of batch size 1 serve a step of any batch size.
        encoder_input: name of the prelude's one input.
        prelude_outputs: names of its outputs, which are inputs of the step.
        past_inputs: names of the step's cache inputs, ``past_key_values.{i}.{key,value}``.
        present_outputs: the step's cache outputs, in the order of ``past_inputs``.
        attention_output: name of the step's output of cross-attention weights, or None.
        logsumexp_output: name of the step's output of log-sum-exp, or None.
        int8_lm_head: whether the output layer was replaced.
        token_input: name of the step's input of tokens: ``input_ids``, or ``inputs_embeds`` where
            the decoder's embeddings are in a file of their own; such a step takes one token of
            each row at a time: it has no causal mask.
    """

    prelude: bytes
    step: bytes
    encoder_input: str
    prelude_outputs: tuple[str, ...]
    past_inputs: tuple[str, ...]
    present_outputs: tuple[str, ...]
    attention_output: str | None = None
    logsumexp_output: str | None = None
    int8_lm_head: bool = False
    token_input: str = IDS_INPUT
