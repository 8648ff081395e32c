"""A small model on a hub, a device, and the worker's model store between them."""

from __future__ import annotations

import json
from typing import Any

from pycore.download.fetcher import StopSignal
from pycore.download.origins import PIECE_BYTES
from pycore.download.retrying_stream import Network
from pycore.download.transfer_meter import TransferProgress
from pycore.models.catalogue import ModelEntry, ModelFile
from tests.unit.helpers import run_sync
from tests.unit.models.model_fakes import (
    HUB,
    FakeClock,
    FakeDevice,
    FakeFetcher,
    FakeTabs,
    sha256,
    some_bytes,
)
from worker.models.store import ModelStore
from worker.models.stored_model import ModelStatus

BIG = "onnx/decoder_model_merged_quantized.onnx"
BIG_BYTES = 2 * PIECE_BYTES + 1234
CONTENT = {
    "config.json": json.dumps({"model_type": "vision-encoder-decoder"}).encode(),
    "tokenizer.json": some_bytes(100_000, seed=1),
    BIG: some_bytes(BIG_BYTES, seed=2),
}
FILES = tuple(ModelFile(path, len(data), sha256(data)) for path, data in CONTENT.items())


class World:
    """A hub, a device and a store between them."""

    def __init__(self, **options: Any) -> None:
        self.entry = ModelEntry(
            id="test",
            name="Test",
            repository="owner/test",
            revision="a" * 40,
            licence="",
            source_url="",
            description="",
            files=tuple(ModelFile(path, len(data), sha256(data)) for path, data in CONTENT.items()),
        )
        self.urls = {path: f"{HUB}/owner/test/resolve/{'a' * 40}/{path}" for path in CONTENT}
        self.fetcher = FakeFetcher({self.urls[path]: data for path, data in CONTENT.items()})
        self.clock = FakeClock()
        self.device = options.pop("device", FakeDevice())
        self.tabs = FakeTabs()
        self.options = options
        self.progress: list[TransferProgress] = []
        self.stop = StopSignal()
        self.store = self.reopen()

    def reopen(self) -> ModelStore:
        """A new tab after the old one died: nothing but the device survives."""
        self.stop = StopSignal()
        self.store = ModelStore(
            self.device,
            Network(self.fetcher, self.clock, random=lambda: 0.0),
            self.tabs,
            hub=HUB,
            **self.options,
        )
        return self.store

    def download(self) -> ModelStatus:
        return run_sync(self.store.download(self.entry, self.progress.append, self.stop))

    def status(self) -> ModelStatus:
        return run_sync(self.store.status(self.entry))

    def read(self, path: str) -> bytes:
        model = run_sync(self.store.open(self.entry))
        return bytes(run_sync(model.read_bytes(path)))

    def big_moods(self, *moods: Any) -> None:
        self.fetcher.moods_of[self.urls[BIG]] = list(moods)

    def big_offsets(self) -> list[int]:
        return [offset for url, offset in self.fetcher.requests if url == self.urls[BIG]]

    def assert_ready(self) -> None:
        assert self.status().state == "ready"
        assert all(self.read(path) == data for path, data in CONTENT.items())
