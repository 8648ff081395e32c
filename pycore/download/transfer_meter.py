"""One honest progress over all files of a model."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from pycore.download.fetcher import Clock

Phase = Literal["downloading", "checking", "waiting", "other_tab", "importing", "exporting"]
OriginKind = Literal["network", "site", "device"]

SPEED_WINDOW_S = 5.0
"""Speed is the mean over this time: long enough to be calm, short enough to notice a change."""
EMIT_EVERY_S = 0.1
"""A person sees no more than ten changes a second; each costs a message."""


@dataclass(frozen=True)
class TransferProgress:
    """How far a transfer has come.

    Attributes:
        phase: downloading; checking (reading what this device already has); waiting (to try
            again); other_tab (that one downloads); importing; exporting.
        source: where the bytes come from just now; "device" means that nothing is fetched.
        loaded, total: bytes over all files. A byte counts when it is here and in the hash; the
            number falls only when a file turned out wrong.
        file: the one at hand.
        speed_bytes_per_s: of the network, over the last seconds; None while unknown.
        seconds_left: at that speed; None while unknown.
        message: in phase "waiting" what happened, else empty.
        retry_in_s: in phase "waiting" the seconds until the next try, else None.
        in_memory: whether some of it could not be kept on the device.
    """

    phase: Phase
    source: OriginKind
    loaded: int
    total: int
    file: str = ""
    speed_bytes_per_s: float | None = None
    seconds_left: float | None = None
    message: str = ""
    retry_in_s: float | None = None
    in_memory: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The payload of a ``progress`` event."""
        return {"stage": "model", "unit": "bytes", **vars(self)}


_NO_NEWS: Mapping[str, Any] = {"source": "network", "loaded": 0, "total": 0}
_SHARED = (*_NO_NEWS, "file", "speed_bytes_per_s", "seconds_left")
"""What a waiting tab repeats of another tab's progress."""

ProgressListener = Callable[[TransferProgress], None]


class TransferMeter:
    """Counts bytes, measures speed, and tells a listener, not too often but to the last byte.

    Args:
        total: bytes of all files.
        clock: measures.
        listener: told how far it is.
        announce: told the same as plain data, for other tabs.
        in_memory: asked whether some of it could not be kept on the device.
    """

    def __init__(
        self,
        total: int,
        clock: Clock,
        listener: ProgressListener,
        *,
        announce: Callable[[Mapping[str, Any]], None],
        in_memory: Callable[[], bool],
    ) -> None:
        self.loaded = 0
        self.file = ""
        self._total = total
        self._clock = clock
        self._listener = listener
        self._announce = announce
        self._in_memory = in_memory
        self._samples: deque[tuple[float, int]] = deque()
        self._last_kind: tuple[Phase, OriginKind, str] | None = None
        self._emitted_at = float("-inf")
        self._take_back: Callable[[], None] = _nothing

    def count(self, size_bytes: int, phase: Phase, source: OriginKind) -> None:
        """Count bytes that have come; negative when a file must be fetched again."""
        self.loaded += size_bytes
        now = self._clock.now()
        if source != "device":
            self._samples.append((now, size_bytes))
        while self._samples and self._samples[0][0] < now - SPEED_WINDOW_S:
            self._samples.popleft()
        kind = (phase, source, self.file)
        due = now - self._emitted_at >= EMIT_EVERY_S
        if due or kind != self._last_kind or self.loaded == self._total:
            self._emit(phase, source)
        elif self._take_back is _nothing:  # or else it stays untold while a connection stalls
            self._take_back = self._clock.later(EMIT_EVERY_S, lambda: self._emit(phase, source))

    def close(self) -> None:
        """Tell nothing any more."""
        self._take_back()
        self._take_back = _nothing

    def wait(self, message: str, retry_in_s: float, source: OriginKind) -> None:
        """Tell that the transfer waits before it tries again."""
        self._samples.clear()
        self._emit("waiting", source, message=message, retry_in_s=retry_in_s)

    def relay(self, news: Mapping[str, Any]) -> None:
        """Tell what another tab announced of the same transfer."""
        news = {name: news[name] for name in _SHARED if name in news}
        self._listener(TransferProgress(phase="other_tab", **{**_NO_NEWS, **news}))

    def _emit(
        self,
        phase: Phase,
        source: OriginKind,
        *,
        message: str = "",
        retry_in_s: float | None = None,
    ) -> None:
        self.close()
        now = self._emitted_at = self._clock.now()
        self._last_kind = (phase, source, self.file)
        speed = None
        if phase == "downloading" and len(self._samples) > 1:
            # The first sample's bytes came before its time.
            size_bytes = sum(size for _, size in self._samples) - self._samples[0][1]
            duration_s = now - self._samples[0][0]
            speed = size_bytes / duration_s if duration_s > 0 and size_bytes > 0 else None
        progress = TransferProgress(
            phase,
            source,
            self.loaded,
            self._total,
            file=self.file,
            speed_bytes_per_s=speed,
            seconds_left=(self._total - self.loaded) / speed if speed else None,
            message=message,
            retry_in_s=retry_in_s,
            in_memory=self._in_memory(),
        )
        self._listener(progress)
        self._announce(progress.to_dict())


def _nothing() -> None:
    """Nothing is to be taken back."""
