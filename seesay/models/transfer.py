"""One progress over all files of a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from seesay.jobs import Progress

if TYPE_CHECKING:
    from seesay.jobs import OnProgress

Phase = Literal["downloading", "checking", "importing"]


class Transfer:
    """Counts bytes and tells a listener.

    Args:
        total: bytes of all files.
        listener: told how far it is; None for nobody.

    Attributes:
        loaded: bytes so far; falls when a file must be fetched again.
        file: the one at hand.
    """

    def __init__(self, total: int, listener: OnProgress | None) -> None:
        self.loaded = 0
        self.file = ""
        self._total = total
        self._listener = listener

    def count(self, size_bytes: int, phase: Phase) -> None:
        """Count bytes that have come; negative when a file must be fetched again."""
        self.loaded += size_bytes
        self._tell(Progress("model", self.loaded, self._total, "bytes", phase, self.file))

    def wait(self, message: str, retry_in_s: float) -> None:
        """Tell that the transfer waits before it tries again."""
        self._tell(
            Progress(
                "model",
                self.loaded,
                self._total,
                "bytes",
                "waiting",
                self.file,
                message,
                retry_in_s,
            )
        )

    def _tell(self, progress: Progress) -> None:
        if self._listener is not None:
            self._listener(progress)
