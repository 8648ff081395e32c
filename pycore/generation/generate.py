"""The one entry point of generation: picks the search that a configuration asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pycore.generation.greedy_search import best_token, greedy_search
from pycore.generation.output import Hypothesis, NeverCancelled, OnStep, ignore_step

if TYPE_CHECKING:
    from pycore.generation.config import GenerationConfig
    from pycore.generation.sampling import Sampler
    from pycore.interfaces import CancelToken, DecoderSession


async def generate(
    session: DecoderSession,
    config: GenerationConfig,
    *,
    batch_size: int = 1,
    on_step: OnStep = ignore_step,
    cancel: CancelToken | None = None,
) -> list[list[Hypothesis]]:
    """Write ``num_return_sequences`` sequences for each image.

    Args:
        session: fresh, with one row for each image. The caller releases it.
        config: what to generate.
        batch_size: number of images.
        on_step: told the leading sequences after each decoder step.
        cancel: asked before each decoder step.

    Returns:
        For each image its hypotheses: best first from beam search, otherwise in the order drawn.
        Beam search gives fewer than asked for where the options allow fewer.

    Raises:
        CancelledError: when stopped.
        InferenceError: when the runtime fails or gives values that are not numbers.
        ConfigurationError: when an option does not fit the model's vocabulary, or the options
            together leave nothing to write.
    """
    cancel = cancel or NeverCancelled()
    sampler = _sampler(config.seed) if config.do_sample else None
    if config.num_beams > 1:
        # The first caption of most visits is greedy, and what is not imported costs no start.
        from pycore.generation.beam_search import beam_search  # noqa: PLC0415
        from pycore.generation.continuations import Continuations  # noqa: PLC0415

        return await beam_search(
            session,
            config,
            batch_size=batch_size,
            choose=sampler.draw_continuations if sampler else Continuations.best,
            on_step=on_step,
            cancel=cancel,
        )
    return await greedy_search(
        session,
        config,
        batch_size=batch_size,
        choose=sampler.draw_tokens if sampler else best_token,
        on_step=on_step,
        cancel=cancel,
    )


def _sampler(seed: int | None) -> Sampler:
    """Make what draws; only when asked for: seeding it takes as long as many greedy steps."""
    from pycore.generation.sampling import Sampler  # noqa: PLC0415

    return Sampler(seed)
