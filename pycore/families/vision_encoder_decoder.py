"""VisionEncoderDecoder: a ViT that looks, and a GPT-2 that writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pycore.captioning.attention_map import patch_grid
from pycore.captioning.tasks import CAPTION_ONLY
from pycore.families.family import DecoderShape, decoder_shape
from pycore.generation import GenerationConfig
from pycore.models.catalogue import check_model_config
from pycore.models.layouts import RUNTIME_PATHS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pycore.captioning.tasks import Task, TaskName
    from pycore.text.tokenizer import Tokenizer


class VisionEncoderDecoder:
    """See ``ModelFamily``."""

    model_type = "vision-encoder-decoder"
    runtime_paths: tuple[str, ...] = RUNTIME_PATHS

    def check(self, config: Mapping[str, Any]) -> None:
        """See ``ModelFamily``."""
        check_model_config(config)

    def generation_config(
        self,
        config: Mapping[str, Any],
        generation_config: Mapping[str, Any] | None,
        defaults: Mapping[str, object] | None = None,
    ) -> GenerationConfig:
        """See ``ModelFamily``."""
        return GenerationConfig.from_model(config, generation_config, defaults)

    def tasks(self, tokenizer: Tokenizer) -> Mapping[TaskName, Task]:
        """See ``ModelFamily``."""
        del tokenizer
        return CAPTION_ONLY

    def patch_grid(
        self, config: Mapping[str, Any], size: tuple[int, int] | int | None
    ) -> tuple[int, int] | None:
        """See ``ModelFamily``."""
        del size  # config.json has it
        return patch_grid(config["encoder"])

    def decoder_shape(self, config: Mapping[str, Any]) -> DecoderShape:
        """See ``ModelFamily``."""
        decoder = config["decoder"]
        heads = decoder.get("n_head") or decoder.get("num_attention_heads")
        return decoder_shape(heads, decoder.get("n_embd") or decoder.get("hidden_size"))
