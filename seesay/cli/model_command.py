"""``seesay model``: list, download, verify, import and remove models."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from seesay.cli.console import ProgressBar, say, say_json
from seesay.cli.exit_codes import DONE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from seesay.models.models import Models
    from seesay.models.store import ModelStatus


class ModelCommand:
    """One run of the command.

    Args:
        models: of this machine.
        as_json: say everything as JSON.
    """

    def __init__(self, models: Models, *, as_json: bool) -> None:
        self._models = models
        self._as_json = as_json

    def list(self) -> int:
        """Say what there is; return the exit status."""
        for status in self._models.list():
            self._say(status)
        return DONE

    def download(self, model: str) -> int:
        """Fetch a model; return the exit status."""
        with ProgressBar(None, "B") as bar:
            status = self._models.download(model, on_progress=bar.show)
        return self._say(status)

    def verify(self, model: str) -> int:
        """Read a model's files; return the exit status."""
        with ProgressBar(None, "B") as bar:
            status = self._models.verify(model, on_progress=bar.show)
        return self._say(status)

    def take(self, model: str, files: Sequence[str]) -> int:
        """Import a model; return the exit status."""
        with ProgressBar(None, "B") as bar:
            status = self._models.import_(model, files, on_progress=bar.show)
        return self._say(status)

    def remove(self, model: str) -> int:
        """Forget a model; return the exit status."""
        self._models.remove(model)
        return DONE

    def _say(self, status: ModelStatus) -> int:
        if self._as_json:
            say_json(asdict(status))
        else:
            size = f"{status.stored_bytes / 1e6:.0f} of {status.size_bytes / 1e6:.0f} MB"
            say(f"{status.model}\t{status.state}\t{size}\t{status.folder}")
        return DONE
