"""How long captions take on this device, as far as it has been seen.

Runs in MicroPython. Kept are a few durations for each model, and nothing about any image.
"""

import json

from pyscript.js_modules import settings_store

_KEY = "seesay.pace"
_KEPT = 5
"""Durations of a model; the middle one counts."""

_TIMES_AS_LONG = {
    "florence-2": (("vit-gpt2", 5.0), ("starter", 20.0)),
    "vit-gpt2": (("florence-2", 1 / 5.0), ("starter", 4.0)),
}
"""From the times of other models to that of one, the surest first.

Source: bench/results/florence-pace-2-threads.md; for the starter, whose captions of drawings pass
half of their time between worker and page, bench/results/startup.md ("again")."""


class Pace:
    """The durations of this device.

    Attributes:
        seen: milliseconds by model, the newest last.
    """

    def __init__(self) -> None:
        self.seen: dict[str, list[float]] = {}
        try:
            kept = json.loads(settings_store.read(_KEY) or "{}")
            for model, times in kept.items():
                self.seen[model] = [float(time) for time in times][-_KEPT:]
        except (ValueError, TypeError, AttributeError):
            self.seen = {}  # damaged: measured anew
        self._written: list[str] = []

    def note(self, model: str, duration_ms: float) -> None:
        """A caption was written; a model's first one in a visit loads it, and does not count."""
        if model not in self._written:
            self._written.append(model)
            return
        times = list(self.seen.get(model, []))
        times.append(duration_ms)
        self.seen[model] = times[-_KEPT:]
        settings_store.write(_KEY, json.dumps(self.seen))

    def measured(self, model: str) -> float:
        """Milliseconds that a caption took here; 0 where none was seen."""
        times = sorted(self.seen.get(model, []))
        return times[len(times) // 2] if times else 0.0

    def reckoned(self, model: str) -> "tuple[float, str]":
        """What another model's time makes likely, in milliseconds, and that model; or 0 and ""."""
        for other, factor in _TIMES_AS_LONG.get(model, ()):
            if self.measured(other):
                return factor * self.measured(other), other
        return 0.0, ""

    def expected(self, model: str) -> float:
        """What was measured, or else reckoned; 0 where neither is known."""
        return self.measured(model) or self.reckoned(model)[0]
