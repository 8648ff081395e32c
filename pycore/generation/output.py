"""What generation gives back, during and after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One complete sequence.

    Attributes:
        token_ids: the generated tokens, the end token included; start token and prefix excluded.
        logprobs: for each token its log-probability under the model itself, that is, before any
            logits processor; at most 0. (transformers' ``compute_transition_scores`` gives the
            processed scores instead; without processors the two are equal.)
        score: what hypotheses are ranked by. In beam search transformers' ``sequences_scores``:
            the summed processed log-probabilities divided by ``length ** length_penalty``. Greedy
            search and sampling, which have no such score in transformers, divide the sum of
            ``logprobs`` in the same way.
    """

    token_ids: tuple[int, ...]
    logprobs: tuple[float, ...]
    score: float


@dataclass(frozen=True, slots=True)
class Partial:
    """The leading sequence of one image, after a step in which it gained a token.

    Attributes:
        image: position of the image in the batch.
        token_ids: the tokens so far, as in ``Hypothesis``. In beam search the next step may lead
            with a different beam.
        logprob: of the newest token, as in ``Hypothesis``.
    """

    image: int
    token_ids: tuple[int, ...]
    logprob: float


OnStep = Callable[[Sequence[Partial]], None]
"""Called once after each decoder step, with the leading sequence of each image that is not done."""


def ignore_step(partials: Sequence[Partial]) -> None:
    """Do nothing: the ``OnStep`` of callers that only want the result."""


class NeverCancelled:
    """A cancel token for callers that cannot cancel."""

    def raise_if_cancelled(self) -> None:
        """Return."""
