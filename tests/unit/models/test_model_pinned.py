"""Models by name: looked up on the hub, pinned, and the same from then on."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from pycore.download.fetcher import StopSignal
from pycore.download.retrying_stream import Network
from pycore.errors import AssetError, ConfigurationError, NetworkError, UnsupportedModelError
from pycore.models.catalogue import ModelEntry
from pycore.models.found import FoundModel
from pycore.models.layouts import DECODER_PATH, ENCODER_PATH, RUNTIME_PATHS
from pycore.models.reference import ModelReference
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
from tests.unit.models.test_model_import_export import offered
from worker.models.store import ModelStore

COMMIT = "b" * 40
MAIN = ModelReference("owner/name", "main")
API = f"{HUB}/api/models/owner/name/revision/main?blobs=true"
CONFIG = {
    "model_type": "vision-encoder-decoder",
    "encoder": {"model_type": "vit"},
    "decoder": {"model_type": "gpt2"},
}


def make_files() -> dict[str, bytes]:
    files = dict.fromkeys(RUNTIME_PATHS, b"{}")
    files["config.json"] = json.dumps(CONFIG).encode()
    files[ENCODER_PATH], files[DECODER_PATH] = some_bytes(5_000_000), some_bytes(9_000_000, 1)
    return files


class World:
    def __init__(self) -> None:
        self.files = make_files()
        self.device = FakeDevice()
        self.fetcher = FakeFetcher({})
        self.publish()

    def publish(self) -> None:
        base = f"{HUB}/owner/name/resolve/{COMMIT}/"
        self.fetcher.files = {base + path: data for path, data in self.files.items()}
        self.described: dict[str, Any] = {
            "sha": COMMIT,
            "siblings": [_describe(path, data) for path, data in self.files.items()]
            + [{"rfilename": "README.md", "size": 1, "blobId": ""}],
        }
        self.fetcher.files[API] = json.dumps(self.described).encode()

    def store(self) -> ModelStore:
        return ModelStore(self.device, Network(self.fetcher, FakeClock()), FakeTabs(), hub=HUB)

    def look_up(self) -> FoundModel:
        return run_sync(run_sync(self.store().pinned()).look_up(MAIN, StopSignal()))

    def pin(self) -> ModelEntry:
        return run_sync(run_sync(self.store().pinned()).pin(self.look_up(), StopSignal()))

    def find(self, reference: ModelReference) -> ModelEntry | None:
        return run_sync(run_sync(self.store().pinned()).find(reference))


def _describe(path: str, data: bytes) -> dict[str, Any]:
    if len(data) > 1_000_000:
        return {
            "rfilename": path,
            "size": len(data),
            "blobId": "0",
            "lfs": {"sha256": sha256(data)},
        }
    blob_id = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
    return {"rfilename": path, "size": len(data), "blobId": blob_id}


def test_looking_up_asks_once_and_tells_the_size() -> None:
    world = World()
    found = world.look_up()
    assert found.size_bytes == sum(map(len, world.files.values()))
    assert found.reference == ModelReference("owner/name", COMMIT)
    assert world.fetcher.requests == [(API, 0)]
    assert world.find(MAIN) is None


def test_pinned_once_then_known_offline_and_no_file_fetched_twice() -> None:
    world = World()
    entry = world.pin()
    assert entry.id == f"owner/name@{COMMIT}"
    assert {file.path: file.sha256 for file in entry.files} == {
        path: sha256(data) for path, data in world.files.items()
    }
    status = run_sync(world.store().download(entry, lambda progress: None, StopSignal()))
    assert status.state == "ready"
    urls = [url for url, _ in world.fetcher.requests]
    assert len(urls) == len(set(urls))
    world.fetcher.files.clear()
    assert world.find(MAIN) == world.find(ModelReference("owner/name", COMMIT)) == entry
    assert run_sync(world.store().status(entry)).state == "ready"


def test_a_branch_that_moves_means_what_was_pinned_until_it_is_removed() -> None:
    world = World()
    entry = world.pin()
    world.files["config.json"] += b" "
    world.publish()
    assert world.find(MAIN) == entry
    run_sync(world.store().remove(entry))
    assert world.find(MAIN) is None
    assert world.pin() != entry


def test_a_model_that_lacks_a_file_or_is_of_another_kind() -> None:
    world = World()
    del world.files["tokenizer.json"]
    world.publish()
    with pytest.raises(AssetError, match=r"owner/name has no tokenizer\.json"):
        world.look_up()
    world = World()
    world.files["config.json"] = b'{"model_type": "bert"}'
    world.publish()
    with pytest.raises(UnsupportedModelError, match="cannot run this model: it is neither a Vis"):
        world.pin()
    assert world.find(MAIN) is None


def test_a_file_that_is_not_what_the_hub_says() -> None:
    world = World()
    world.fetcher.files[f"{HUB}/owner/name/resolve/{COMMIT}/tokenizer.json"] = b"{ }"
    with pytest.raises(AssetError, match=r"tokenizer\.json of owner/name is not what the hub says"):
        world.pin()
    assert world.find(MAIN) is None


def test_no_such_model() -> None:
    world = World()
    del world.fetcher.files[API]
    with pytest.raises(NetworkError, match=r"hub\.test does not have"):
        world.look_up()


@pytest.mark.parametrize(
    "damage",
    [
        {"sha": None},
        {"siblings": None},
        {"siblings": [{}]},
        {"siblings": [{"rfilename": "config.json"}]},
        {"siblings": [{"rfilename": "config.json", "size": -1, "blobId": ""}]},
        {
            "siblings": [
                {"rfilename": "config.json", "size": 1, "blobId": "", "lfs": {"sha256": "x"}}
            ]
        },
    ],
)
def test_a_description_that_cannot_be_understood(damage: dict[str, Any]) -> None:
    world = World()
    world.fetcher.files[API] = json.dumps(world.described | damage).encode()
    with pytest.raises((AssetError, ConfigurationError)):
        world.look_up()


def test_without_the_hub_the_chosen_files_are_the_model() -> None:
    world = World()
    world.fetcher.files.clear()
    reference = ModelReference("owner/name", COMMIT)
    pinned = run_sync(world.store().pinned())
    offers = offered({path.rpartition("/")[2]: data for path, data in world.files.items()})
    with pytest.raises(ConfigurationError, match="does not name a commit"):
        run_sync(pinned.pin_offered(MAIN, offers, StopSignal()))
    with pytest.raises(AssetError, match="has no config"):
        run_sync(pinned.pin_offered(reference, offers[1:], StopSignal()))
    entry = run_sync(pinned.pin_offered(reference, offers, StopSignal()))
    store = world.store()
    imported = run_sync(store.import_files(entry, offers, lambda progress: None, StopSignal()))
    assert imported.state == "ready"
    assert world.find(reference) == entry
    wrong = offered({"config.json": b"{}"})
    with pytest.raises(UnsupportedModelError, match="cannot run this model: it is neither a Vis"):
        run_sync(pinned.pin_offered(reference, wrong, StopSignal()))


def test_a_model_that_lacks_what_its_own_family_needs_is_refused_before_it_is_fetched() -> None:
    world = World()
    config = {"model_type": "florence2", "text_config": {}, "vision_config": {}}
    world.files["config.json"] = json.dumps(config).encode()
    world.publish()
    with pytest.raises(UnsupportedModelError, match="has no onnx/vision_encoder"):
        world.pin()
    pinned = run_sync(world.store().pinned())
    offers = offered({path.rpartition("/")[2]: data for path, data in world.files.items()})
    reference = ModelReference("owner/name", COMMIT)
    with pytest.raises(UnsupportedModelError, match="has no onnx/vision_encoder"):
        run_sync(pinned.pin_offered(reference, offers, StopSignal()))
    assert world.find(MAIN) is world.find(reference) is None
