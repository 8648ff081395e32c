"""What to generate: every option of decoding, checked once, then read-only.

Names, defaults and meanings are those of transformers' ``GenerationConfig``. An option is honoured
or refused, never ignored.

Source: transformers 4.57.6, generation/configuration_utils.py and generation/utils.py
(``_prepare_generated_length``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pycore.errors import ConfigurationError, UnsupportedModelError
from pycore.generation import options as check

if TYPE_CHECKING:
    from collections.abc import Callable

    from pycore.generation.options import EarlyStopping, TokenSequences

MAX_BEAMS = 32
"""More beams than this cost memory and time and no longer change a caption."""

MAX_SEED = 2**32 - 1
"""Named in seesay.d.ts, too; numbers of JavaScript hold it exactly."""

_DEFAULT_NEW_TOKENS = 20
_MAX_TOKENS = 2**20

_CHECKS: dict[str, Callable[[str, object], object]] = {
    "num_beams": check.whole_number(1, MAX_BEAMS),
    "num_return_sequences": check.whole_number(1, MAX_BEAMS),
    "length_penalty": check.number(-10.0, 10.0),
    "early_stopping": check.early_stopping,
    "min_new_tokens": check.whole_number(0, _MAX_TOKENS),
    "max_new_tokens": check.whole_number(1, _MAX_TOKENS),
    "min_length": check.whole_number(0, _MAX_TOKENS),
    "max_length": check.whole_number(1, _MAX_TOKENS),
    "no_repeat_ngram_size": check.whole_number(0, 1024),
    "repetition_penalty": check.number(0.0, 100.0, above_low=True),
    "bad_words_ids": check.token_sequences,
    "do_sample": check.yes_or_no,
    "temperature": check.number(0.0, 100.0, above_low=True),
    "top_k": check.whole_number(0, _MAX_TOKENS),
    "top_p": check.number(0.0, 1.0, above_low=True),
    "seed": check.whole_number(0, MAX_SEED),
    "prefix_ids": check.token_ids,
    "attentions": check.yes_or_no,
}

OPTION_NAMES = frozenset(_CHECKS)
"""The options that ``GenerationConfig.with_options`` takes."""

_REFUSED_UNLESS_NEUTRAL: dict[str, tuple[object, ...]] = {
    "begin_suppress_tokens": ([],),
    "constraints": (),
    "diversity_penalty": (0,),
    "dola_layers": (),
    "encoder_no_repeat_ngram_size": (0,),
    "encoder_repetition_penalty": (1,),
    "epsilon_cutoff": (0,),
    "eta_cutoff": (0,),
    "exponential_decay_length_penalty": (),
    "force_words_ids": (),
    "guidance_scale": (1,),
    "max_time": (),
    "min_p": (),
    "num_beam_groups": (1,),
    "penalty_alpha": (),
    "remove_invalid_values": (False,),
    "renormalize_logits": (False,),
    "sequence_bias": (),
    "stop_strings": (),
    "suppress_tokens": ([],),
    "typical_p": (1,),
    "watermarking_config": (),
}
"""Options of transformers that change the tokens and that Seesay does not have, with their neutral
values (None always is one). A model that asks for one is refused rather than captioned wrongly."""

_SAMPLING_ONLY = ("temperature", "top_k", "top_p", "seed")


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationConfig:
    """How to decode.

    Attributes:
        decoder_start_token_id: the first token of every sequence.
        eos_token_ids: tokens that end a sequence; may be empty.
        max_positions: the longest sequence the model has positions for; None when unknown.
        forced_bos_token_id: the one token that may follow the start token; None for any.
        forced_eos_token_ids: the only tokens that a sequence may have at its last place, when it
            did not end before; empty for any.
        num_beams: beams kept for each image; 1 is greedy search or plain sampling.
        num_return_sequences: captions returned for each image.
        length_penalty: a beam's score is its summed log-probability divided by
            ``length ** length_penalty``; above 0 favours long captions, below 0 short ones.
        early_stopping: True stops when ``num_beams`` captions are complete, False when a better
            one is unlikely, "never" when a better one is impossible.
        min_new_tokens, max_new_tokens: bounds on the tokens after the start token and the prefix,
            the end token counted.
        min_length, max_length: the same bounds with the start token and the prefix counted;
            ``max_new_tokens`` goes before ``max_length``. With neither, 20 new tokens.
        no_repeat_ngram_size: no run of this many tokens occurs twice; 0 is off.
        repetition_penalty: above 1 makes tokens that occurred before less likely.
        bad_words_ids: token sequences that must not occur.
        do_sample: draw tokens instead of taking the best.
        temperature, top_k, top_p: the shape of the distribution drawn from; ``top_k`` 0 and
            ``top_p`` 1 are off.
        seed: of the draws; None draws afresh each time.
        prefix_ids: tokens that every caption begins with, after the start token.
        attentions: tell where the model looked, too (transformers: ``output_attentions``). What
            is written does not depend on it.
    """

    decoder_start_token_id: int
    eos_token_ids: tuple[int, ...] = ()
    max_positions: int | None = None
    forced_bos_token_id: int | None = None
    forced_eos_token_ids: tuple[int, ...] = ()
    num_beams: int = 1
    num_return_sequences: int = 1
    length_penalty: float = 1.0
    early_stopping: EarlyStopping = False
    min_new_tokens: int = 0
    max_new_tokens: int | None = None
    min_length: int = 0
    max_length: int | None = None
    no_repeat_ngram_size: int = 0
    repetition_penalty: float = 1.0
    bad_words_ids: TokenSequences = ()
    do_sample: bool = False
    temperature: float = 1.0
    top_k: int = 50
    top_p: float = 1.0
    seed: int | None = None
    prefix_ids: tuple[int, ...] = ()
    attentions: bool = False

    def __post_init__(self) -> None:
        """Refuse combinations that cannot be honoured.

        Raises:
            ConfigurationError: with the sentence that says which.
        """
        if self.total_length <= self.start_length:
            raise ConfigurationError(
                f"max_length is {self.total_length}, but the start of the caption alone takes "
                f"{self.start_length} tokens. Ask for more."
            )
        if self.max_positions is not None and self.total_length > self.max_positions:
            raise ConfigurationError(
                f"That asks for sequences of {self.total_length} tokens; this model has room for "
                f"{self.max_positions}. Ask for fewer new tokens."
            )
        if max(self.min_length, self.start_length + self.min_new_tokens) > self.total_length:
            raise ConfigurationError("The least number of tokens asked for is above the most.")
        if self.do_sample and self.num_beams == 1:
            return
        if self.num_return_sequences > self.num_beams:
            raise ConfigurationError(
                f"num_return_sequences is {self.num_return_sequences}, but only as many captions "
                f"as beams can be returned, and num_beams is {self.num_beams}."
            )

    @property
    def start_ids(self) -> tuple[int, ...]:
        """The start token and the prefix: what every sequence begins with.

        A prefix stands after the token that is forced to come first.
        """
        if self.prefix_ids and self.forced_bos_token_id is not None:
            return (self.decoder_start_token_id, self.forced_bos_token_id, *self.prefix_ids)
        return (self.decoder_start_token_id, *self.prefix_ids)

    @property
    def start_length(self) -> int:
        """Tokens in ``start_ids``."""
        return len(self.start_ids)

    @property
    def total_length(self) -> int:
        """The most tokens a sequence may have, ``start_ids`` and end token counted."""
        if self.max_new_tokens is not None:
            return self.start_length + self.max_new_tokens
        if self.max_length is not None:
            return self.max_length
        wanted = self.start_length + _DEFAULT_NEW_TOKENS
        return wanted if self.max_positions is None else min(wanted, self.max_positions)

    @classmethod
    def from_model(
        cls,
        model_config: Mapping[str, Any],
        generation_config: Mapping[str, Any] | None = None,
        defaults: Mapping[str, object] | None = None,
    ) -> GenerationConfig:
        """Read a model's own settings.

        Args:
            model_config: config.json of a VisionEncoderDecoder model.
            generation_config: generation_config.json; without it the settings come from
                config.json, where older models keep them.
            defaults: options that go before the model's own (a catalogue entry's ``generation``).

        Returns:
            The configuration that captions start from.

        Raises:
            UnsupportedModelError: when the files name no start token, or ask for what Seesay cannot
                do.
            ConfigurationError: when a default cannot be honoured.
        """
        decoder = _settings("decoder", model_config.get("decoder") or {})
        legacy = {**decoder, **{k: v for k, v in model_config.items() if v is not None}}
        settings = legacy
        if generation_config is not None:
            settings = _settings("generation_config.json", generation_config)
        for name, neutral in _REFUSED_UNLESS_NEUTRAL.items():
            value = settings.get(name)
            if value is not None and value not in neutral:
                raise UnsupportedModelError(
                    f"its settings ask for {name}.",
                    detail=f"{name} = {value!r}",
                )
        start = _first_given("decoder_start_token_id", settings, legacy)
        if start is None:
            start = _first_given("bos_token_id", settings, legacy)
        if start is None:
            raise UnsupportedModelError(
                "its settings do not say which token a caption starts with."
            )
        end = _first_given("eos_token_id", settings, legacy)
        forced_start = _first_given("forced_bos_token_id", settings)
        forced_end = _first_given("forced_eos_token_id", settings)
        positions = decoder.get("n_positions") or decoder.get("max_position_embeddings")
        try:
            return cls(
                decoder_start_token_id=check.first_token_id("decoder_start_token_id", start),
                eos_token_ids=() if end is None else check.token_ids("eos_token_id", end),
                max_positions=(
                    None
                    if positions is None
                    else check.whole_number(1, _MAX_TOKENS)("n_positions", positions)
                ),
                forced_bos_token_id=(
                    None
                    if forced_start is None
                    else check.first_token_id("forced_bos_token_id", forced_start)
                ),
                forced_eos_token_ids=(
                    () if forced_end is None else check.token_ids("forced_eos_token_id", forced_end)
                ),
                **_own_settings(settings),
            ).with_options(defaults or {})
        except ConfigurationError as error:
            if defaults:
                raise
            raise UnsupportedModelError(
                f"its settings cannot be used. {error.message}", detail=error.detail
            ) from error

    def with_options(self, options: Mapping[str, object]) -> GenerationConfig:
        """Return a configuration with some options replaced.

        Options that were not asked for give way to those that were: a new ``max_length`` clears
        ``max_new_tokens`` and the other way round, and fewer beams lower ``num_return_sequences``.

        Args:
            options: by name; None means "not given". Names are in ``OPTION_NAMES``.

        Returns:
            The new configuration.

        Raises:
            ConfigurationError: for an unknown name, a value out of range, or a combination that
                cannot be honoured.
        """
        unknown = sorted(set(options) - OPTION_NAMES)
        if unknown:
            raise ConfigurationError(f"There is no option named {unknown[0]}.")
        given: dict[str, Any] = check.check_all(_CHECKS, options)
        for bound, cleared in (("min", 0), ("max", None)):
            new_tokens, length = f"{bound}_new_tokens", f"{bound}_length"
            if new_tokens in given and length in given:
                raise ConfigurationError(f"Give {new_tokens} or {length}, not both.")
            if new_tokens in given:
                given[length] = cleared
            elif length in given:
                given[new_tokens] = cleared
        num_beams = given.get("num_beams", self.num_beams)
        do_sample = given.get("do_sample", self.do_sample)
        if not do_sample:
            for name in _SAMPLING_ONLY:
                if name in given:
                    raise ConfigurationError(f"{name} only works with do_sample. Turn that on.")
        if num_beams == 1 and given.get("early_stopping", False) is not False:
            raise ConfigurationError("early_stopping only works with num_beams above 1.")
        most = MAX_BEAMS if do_sample and num_beams == 1 else num_beams
        given.setdefault("num_return_sequences", min(self.num_return_sequences, most))
        return replace(self, **given)


def _settings(name: str, value: object) -> dict[str, Any]:
    """Return a part of a model's settings.

    Raises:
        UnsupportedModelError: it is no object of JSON.
    """
    if not isinstance(value, Mapping):
        raise UnsupportedModelError("its settings cannot be used.", detail=f"{name} is {value!r}")
    return dict(value)


def _first_given(name: str, *settings: Mapping[str, Any]) -> Any:
    """Return the first value for ``name`` that is not None."""
    return next((s[name] for s in settings if s.get(name) is not None), None)


def _own_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Pick and check the options in a settings file, which also holds much else."""
    named = {name: settings[name] for name in OPTION_NAMES if name in settings}
    # Files that were written from defaults carry max_length 20, which transformers reads as
    # "20 new tokens" (has_default_max_length).
    if named.get("max_length") == _DEFAULT_NEW_TOKENS:
        del named["max_length"]
    return check.check_all(_CHECKS, named)
