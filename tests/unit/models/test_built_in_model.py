"""The starter's files, as the worker reads them from the site."""

import pytest

from pycore.errors import NetworkError
from tests.unit.helpers import run_sync
from worker.models.built_in import BuiltInModel

BASE = "https://example.org/app/"
FILES = {
    "models/starter/config.json": b"{}",
    "models/starter/derived/decoder.split": b"graphs",
}
ASSETS = {
    "model": [
        {"url": url, "size_bytes": len(data), "sha256": "0" * 64} for url, data in FILES.items()
    ]
}


class Bytes(bytes):
    """Stands for a Uint8Array."""

    def to_bytes(self):
        return bytes(self)


def open_model(files=FILES):
    reports = []

    async def read(url, size_bytes, count):
        data = files.get(url.removeprefix(BASE))
        if data is None:
            return "HTTP 404"
        assert len(data) == size_bytes
        count(size_bytes)
        return Bytes(data)

    return BuiltInModel(read, BASE, ASSETS, lambda *report: reports.append(report)), reports


def test_progress_counts_the_models_own_files():
    model, reports = open_model()
    assert run_sync(model.read_json("config.json")) == {}
    assert run_sync(model.read_derived("decoder.split")) == b"graphs"
    assert [file.path for file in model.entry.files] == ["config.json"]
    assert reports == [(2, 2, "site")]


def test_what_the_build_did_not_derive_is_derived_here():
    model, _ = open_model()
    assert run_sync(model.read_derived("decoder-low-memory.split")) is None


def test_a_derived_file_that_does_not_come_is_said_like_any_other():
    model, _ = open_model({})
    with pytest.raises(
        NetworkError, match=r"derived/decoder\.split could not be loaded: the server answers 404"
    ):
        run_sync(model.read_derived("decoder.split"))
