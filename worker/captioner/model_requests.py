"""The page's requests about models: what there is, and getting, keeping and forgetting it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from pycore.download.fetcher import StopSignal
from pycore.download.offers import unpack_zips
from pycore.download.transfer_meter import TransferProgress
from pycore.errors import ConfigurationError
from pycore.models.catalogue import HUB_ENTRIES, STARTER_ID, ModelEntry
from pycore.models.found import FoundModel
from pycore.models.reference import parse_model_reference
from worker.browser.model_store import offer, open_model_store
from worker.captioner.jobs import Job, Payload
from worker.models.built_in import BuiltInModel
from worker.models.named_models import NamedModels
from worker.models.store import ModelStore
from worker.models.stored_model import ModelStatus, StoredModel

if TYPE_CHECKING:
    from worker import answers, requests

Work = Callable[[Job, Any], Awaitable[Payload]]


@dataclass(frozen=True)
class _Download:
    """One that has not ended.

    Attributes:
        stop: of its job.
        ended: set when it has let go of everything.
    """

    stop: StopSignal
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class ModelRequests:
    """Answers the ``model.*`` requests of worker/protocol.py.

    Args:
        bridge: what boot.mjs hands over.

    Attributes:
        works: what answers each kind of request.
    """

    def __init__(self, bridge: Any) -> None:
        self._bridge = bridge
        self._store: ModelStore | None = None
        self._named: NamedModels | None = None
        self._downloads: dict[str, _Download] = {}
        self.works: dict[str, Work] = {
            "model.list": self._list,
            "model.status": self._status,
            "model.download": self._download,
            "model.pause": self._pause,
            "model.remove": self.remove,
            "model.import": self._import,
            "model.export": self._export,
        }

    @property
    def store(self) -> ModelStore:
        """The store; opened when it is first needed.

        Raises:
            ConfigurationError: when the hub's address is not one.
        """
        if self._store is None:
            site = self._bridge.site.to_py()
            hosted = {
                model: self._bridge.baseUrl + path for model, path in site.get("hosted", {}).items()
            }
            hub = self._bridge.hub or site.get("hub")
            self._store = open_model_store(str(hub) if hub else None, hosted)
        return self._store

    @property
    def named(self) -> NamedModels:
        """Models of the hub by name.

        Raises:
            ConfigurationError: when the hub's address is not one.
        """
        if self._named is None:
            self._named = NamedModels(self.store)
        return self._named

    @property
    def keeps_in_memory(self) -> bool:
        """Whether some model, or part of one, is gone when this worker ends."""
        return self._store is not None and self._store.keeps_in_memory

    async def open(self, name: str) -> StoredModel:
        """A model that is ready on this device.

        Raises:
            ConfigurationError: when there is none of that name.
            ModelNotHereError: when it must be downloaded or imported first.
        """
        return await self.named.open(name)

    async def _list(self, job: Job, payload: requests.Nothing) -> answers.ModelList:
        del payload
        models = [await self._describe(name, job) for name in (STARTER_ID, *HUB_ENTRIES)]
        used_bytes, quota_bytes, persisted = await self.store.storage()
        storage: answers.Storage = {
            "used_bytes": used_bytes,
            "quota_bytes": quota_bytes,
            "persisted": persisted,
        }
        return {"models": models, "storage": storage}

    async def _status(self, job: Job, payload: requests.OneModel) -> answers.ModelStatus:
        return await self._describe(payload["model"], job)

    async def _download(self, job: Job, payload: requests.OneModel) -> answers.ModelStatus:
        name = payload["model"]
        await self._let_stopped_end(name, f"{name} is being downloaded already.")
        download = self._downloads[name] = _Download(job.stop)
        try:
            await self.named.download(name, _report_to(job), job.stop)
        finally:
            del self._downloads[name]
            download.ended.set()
        return await self._describe(name, job)

    async def _let_stopped_end(self, name: str, refusal: str) -> None:
        """Wait for a download that was stopped: whoever stopped it was told so at once.

        Raises:
            ConfigurationError: with ``refusal``, when it was not stopped.
        """
        while download := self._downloads.get(name):
            if download.stop.reason is None:
                raise ConfigurationError(refusal)
            await download.ended.wait()

    async def _pause(self, job: Job, payload: requests.OneModel) -> answers.ModelStatus:
        download = self._downloads.get(payload["model"])
        if download is not None:
            download.stop.pause()
        return await self._describe(payload["model"], job)

    async def remove(self, job: Job, payload: requests.OneModel) -> answers.ModelStatus:
        """Forget a model on this device.

        Raises:
            ConfigurationError: when it is being downloaded.
        """
        refusal = "Stop the download before removing the model."
        await self._let_stopped_end(payload["model"], refusal)
        entry = await self.named.find(payload["model"])
        if entry is not None:
            await self.store.remove(entry)
        return await self._describe(payload["model"], job)

    async def _import(self, job: Job, payload: requests.ModelImport) -> answers.ModelStatus:
        offers = unpack_zips([offer(file) for file in payload["files"]])
        entry = await self.named.find(payload["model"])
        if entry is None:
            reference = parse_model_reference(payload["model"])
            entry = await (await self.store.pinned()).pin_offered(reference, offers, job.stop)
        await self.store.import_files(entry, offers, _report_to(job), job.stop)
        return await self._describe(payload["model"], job)

    async def _export(self, job: Job, payload: requests.OneModel) -> answers.ModelFile:
        entry = await self.named.entry(payload["model"])
        blob = await self.store.export_zip(entry, _report_to(job), job.stop)
        name = entry.id.replace("/", "--").replace("@", "-")
        return {"name": f"{name}.zip", "blob": blob}

    async def _describe(self, name: str, job: Job) -> answers.ModelStatus:
        if name == STARTER_ID:
            entry = (await BuiltInModel.open(self._bridge, job.report_bytes)).entry
            return _describe_entry(name, entry, None)
        known = await self.named.find(name)
        if known is not None:
            return _describe_entry(name, known, await self.store.status(known))
        pinned = await self.store.pinned()
        found = await pinned.look_up(parse_model_reference(name), job.stop)
        return _describe_unknown(name, found, in_memory=not await self.store.keeps())


def _describe_entry(name: str, entry: ModelEntry, here: ModelStatus | None) -> answers.ModelStatus:
    """Tell what is known of a model, and what this device has of it; None for the built-in one."""
    return {
        "model": name,
        "name": entry.name,
        "description": entry.description,
        "repository": entry.repository,
        "revision": entry.revision,
        "licence": entry.licence,
        "source_url": entry.source_url,
        "size_bytes": entry.size_bytes,
        "state": here.state if here else "builtin",
        "stored_bytes": here.stored_bytes if here else entry.size_bytes,
        "in_memory": here.in_memory if here else False,
        "hosted": here.hosted if here else True,
    }


def _describe_unknown(name: str, found: FoundModel, *, in_memory: bool) -> answers.ModelStatus:
    """Tell what is known of a model that nobody has asked to download yet."""
    return {
        "model": name,
        "name": found.asked.repository,
        "description": "Chosen by its address. Seesay knows nothing about its quality.",
        "repository": found.asked.repository,
        "revision": found.reference.revision,
        "licence": "",
        "source_url": f"https://huggingface.co/{found.asked.repository}",
        "size_bytes": found.size_bytes,
        "state": "absent",
        "stored_bytes": 0,
        "in_memory": in_memory,
        "hosted": False,
    }


def _report_to(job: Job) -> Callable[[TransferProgress], None]:
    return lambda progress: job.report(cast("answers.Progress", progress.to_dict()))
