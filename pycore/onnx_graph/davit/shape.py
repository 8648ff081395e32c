"""How a DaViT is built, as far as its graph is checked against it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from pycore.errors import GraphError


@dataclass(frozen=True, slots=True)
class DavitShape:
    """A network and the size of its images.

    Attributes:
        size: side of the images in pixels; they are square.
        strides: of each stage's patches, relative to the stage before.
        depths: blocks of each stage: one spatial and one channel block make one.
        window_size: side of the windows of attention, in positions.
    """

    size: int
    strides: tuple[int, ...]
    depths: tuple[int, ...]
    window_size: int

    @property
    def stages(self) -> list[int]:
        """The stage of each block, in order."""
        return [stage for stage, depth in enumerate(self.depths) for _ in range(depth)]

    def pixels(self, stage: int) -> int:
        """Side of a position of a stage in pixels."""
        return list(itertools.accumulate(self.strides, int.__mul__))[stage]

    def positions(self, stage: int) -> int:
        """Positions of a stage in all."""
        return (self.size // self.pixels(stage)) ** 2

    def windows(self, stage: int) -> int:
        """Windows of a stage in all; those at the border may be filled up."""
        return (-(-self.size // self.pixels(stage) // self.window_size)) ** 2


def not_understood(detail: str) -> GraphError:
    """A GraphError for a valid graph that is not that of the network."""
    message = "This model's vision encoder is built in a way that Seesay does not know."
    return GraphError(message, detail=detail)
