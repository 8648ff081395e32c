"""What captioning asks of a family of models, and nothing more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from pycore.errors import UnsupportedModelError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pycore.captioning.tasks import Task, TaskName
    from pycore.generation import GenerationConfig
    from pycore.text.tokenizer import Tokenizer


NO_ATTENTIONS = "This model's decoder does not tell where the model looked."
"""Where attentions were asked for, and every runtime has to do without."""


class DecoderShape(NamedTuple):
    """The shape of a decoder's caches.

    Attributes:
        heads: of attention.
        head_size: numbers of a key or a value in each.
    """

    heads: int
    head_size: int


class ModelFamily(Protocol):
    """Reads the files of models that are built alike.

    Attributes:
        model_type: of config.json.
        runtime_paths: the files in hub layout that captioning needs.
    """

    model_type: str
    runtime_paths: tuple[str, ...]

    def check(self, config: Mapping[str, Any]) -> None:
        """Make sure that a parsed config.json describes a model that Seesay can run.

        Raises:
            UnsupportedModelError: when it does not.
        """

    def generation_config(
        self,
        config: Mapping[str, Any],
        generation_config: Mapping[str, Any] | None,
        defaults: Mapping[str, object] | None = None,
    ) -> GenerationConfig:
        """Read a model's settings; see ``GenerationConfig.from_model``."""

    def tasks(self, tokenizer: Tokenizer) -> Mapping[TaskName, Task]:
        """What its models can be asked; "caption" is always there."""

    def patch_grid(
        self, config: Mapping[str, Any], size: tuple[int, int] | int | None
    ) -> tuple[int, int] | None:
        """What the decoder looks at, if it tells where it looks.

        Args:
            config: the parsed config.json.
            size: that images are resized to; see ``ImageProcessor``.

        Returns:
            (height, width) in patches.
        """

    def decoder_shape(self, config: Mapping[str, Any]) -> DecoderShape:
        """Read the shape of the decoder's caches.

        Raises:
            UnsupportedModelError: when config.json does not tell.
        """


def decoder_shape(heads: object, width: object) -> DecoderShape:
    """Check and return the shape of caches.

    Raises:
        UnsupportedModelError: when these are no numbers.
    """
    if not (isinstance(heads, int) and isinstance(width, int) and heads > 0 and width > 0):
        raise UnsupportedModelError(
            "its config.json does not say how its decoder is built.",
            detail=f"heads {heads!r}, width {width!r}",
        )
    return DecoderShape(heads, width // heads)
