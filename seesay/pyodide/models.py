"""``captioner.models`` in Pyodide: what the browser keeps of models, for this page's origin."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from pycore.download.fetcher import StopSignal
from pycore.errors import ConfigurationError
from pycore.models.catalogue import STARTER_ID
from seesay.jobs import Progress
from worker.models.named_models import NamedModels
from worker.models.stored_model import ModelStatus

if TYPE_CHECKING:
    from pycore.download.transfer_meter import TransferProgress
    from seesay.jobs import OnProgress
    from worker.models.store import ModelStore
    from worker.models.stored_model import StoredModel


class Models:
    """Models by name: fetched, kept, forgotten.

    Args:
        hub: address of a mirror of the hub; None for the hub itself.
    """

    def __init__(self, hub: str | None) -> None:
        self._hub = hub
        self._opened: ModelStore | None = None

    async def status(self, model: str) -> ModelStatus:
        """Tell what the browser has of a model.

        Raises:
            ConfigurationError: there is no model of that name, or it is the built-in one.
            AssetError: nothing is known of it here.
        """
        return await self._store.status(await self._named(model).entry(model))

    async def download(self, model: str, *, on_progress: OnProgress | None = None) -> ModelStatus:
        """Fetch, verify and keep a model; goes on where an earlier download was cut.

        Cancelling the task stops it; what has come is kept.

        Args:
            model: ``vit-gpt2``, ``florence-2``, or ``owner/name@revision``.
            on_progress: told how far it is.

        Raises:
            ConfigurationError: there is no model of that name, or it is the built-in one.
            NetworkError: after bounded retries; what has come is kept.
            AssetError: a host offers something else than the model.
        """
        named, stop = self._named(model), StopSignal()

        def tell(news: TransferProgress) -> None:
            if on_progress is not None:
                on_progress(_as_progress(news))

        try:
            await named.download(model, tell, stop)
        except asyncio.CancelledError:
            stop.cancel()
            raise
        return await self.status(model)

    async def remove(self, model: str) -> None:
        """Forget a model, and free its room.

        Raises:
            ConfigurationError: there is no model of that name, or it is the built-in one.
        """
        entry = await self._named(model).find(model)
        if entry is not None:
            await self._store.remove(entry)

    async def open(self, model: str) -> StoredModel:
        """Return a model that is here, for whoever loads it.

        Raises:
            ConfigurationError: there is no model of that name, or it is the built-in one.
            AssetError: it must be downloaded first.
        """
        return await self._named(model).open(model)

    def _named(self, model: str) -> NamedModels:
        if model == STARTER_ID:
            raise ConfigurationError("The starter comes with Seesay; it stays as it is.")
        return NamedModels(self._store)

    @property
    def _store(self) -> ModelStore:
        if self._opened is None:
            # Not before it is needed: it touches storage, which some pages have none of.
            from worker.browser.model_store import open_model_store  # noqa: PLC0415

            self._opened = open_model_store(self._hub)
        return self._opened


def _as_progress(news: TransferProgress) -> Progress:
    is_waiting = news.phase in {"waiting", "other_tab"}
    return Progress(
        "model",
        news.loaded,
        news.total,
        "bytes",
        "waiting" if is_waiting else "checking" if news.phase == "checking" else "downloading",
        news.file,
        news.message,
        news.retry_in_s,
    )
