"""Models that come from files and go to files: verified by the same hashes as downloads."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from pycore.download.fetcher import StopSignal
from pycore.download.offers import OfferedFile, unpack_zips
from pycore.download.origins import PIECE_BYTES
from pycore.errors import AssetError, CancelledError
from tests.unit.helpers import run_sync
from tests.unit.models.model_fakes import FakeDevice
from tests.unit.models.model_world import BIG, CONTENT, World
from worker.models.importer import hash_offer
from worker.models.stored_model import ModelStatus


def offered(files: Mapping[str, bytes]) -> list[OfferedFile]:
    return [OfferedFile(name, len(data), opener(data)) for name, data in files.items()]


def opener(data: bytes) -> Callable[[], io.BytesIO]:
    return lambda: io.BytesIO(data)


def import_files(world: World, files: Mapping[str, bytes]) -> ModelStatus:
    offers = unpack_zips(offered(files))
    return run_sync(
        world.store.import_files(world.entry, offers, world.progress.append, world.stop)
    )


def export(world: World) -> bytes:
    blob: bytes = run_sync(world.store.export_zip(world.entry, world.progress.append, StopSignal()))
    return blob


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return target.getvalue()


def bare(path: str) -> str:
    return path.rpartition("/")[2]


@pytest.mark.parametrize(
    "rename",
    [
        lambda path: path,
        lambda path: f"Downloads/vit-gpt2/{path}",
        lambda path: f"C:\\models\\{path}".replace("/", "\\"),
        bare,
        lambda path: bare(path).replace(".", " (1).", 1),
    ],
    ids=["paths", "folder", "windows", "bare names", "renamed by the browser"],
)
def test_files_are_told_by_content(rename: Callable[[str], str]) -> None:
    world = World()
    files = {rename(path): data for path, data in CONTENT.items()} | {"README.md": b"#"}
    assert import_files(world, files).state == "ready"
    world.assert_ready()
    assert world.fetcher.requests == []
    assert world.progress[-1].loaded == world.progress[-1].total


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_with_or_without_compression(method: int) -> None:
    world = World()
    files = {f"model/{path}": data for path, data in CONTENT.items()} | {"model/": b""}
    assert import_files(world, {"from a friend.bin": zipped(files, method)}).state == "ready"
    world.assert_ready()


def test_the_right_one_of_two_with_the_same_name() -> None:
    world = World()
    other = bytes(len(CONTENT["config.json"]))
    files = {"a/config.json": other, **{f"b/{path}": data for path, data in CONTENT.items()}}
    assert import_files(world, files).state == "ready"


def test_what_lacks_is_named_and_the_rest_is_kept() -> None:
    world = World()
    with pytest.raises(AssetError) as caught:
        import_files(world, {BIG: CONTENT[BIG], "config.json": CONTENT["config.json"]})
    message = "These files of Test are still missing: tokenizer.json. Choose them, too."
    assert caught.value.message == message
    assert world.status().state == "partial"
    assert import_files(world, {"tokenizer.json": CONTENT["tokenizer.json"]}).state == "ready"
    world.assert_ready()


@pytest.mark.parametrize("wrong", [b"other", bytes(len(CONTENT["tokenizer.json"]))])
def test_a_wrong_file_is_named_and_not_kept(wrong: bytes) -> None:
    world = World()
    with pytest.raises(AssetError, match=r"Not the right file for Test: tokenizer\.json\. Get it"):
        import_files(world, CONTENT | {"tokenizer.json": wrong})
    assert world.status().stored_bytes == world.entry.size_bytes - len(CONTENT["tokenizer.json"])


def test_a_good_file_is_never_replaced() -> None:
    world = World()
    world.download()
    assert import_files(world, dict.fromkeys(CONTENT, b"garbage")).state == "ready"
    world.assert_ready()


@pytest.mark.parametrize("cut", [10, 5000, PIECE_BYTES + 5000])
def test_damaged_zips_give_a_sentence(cut: int) -> None:
    world = World()
    with pytest.raises(AssetError, match=r"model\.zip cannot be read"):
        import_files(world, {"model.zip": zipped(CONTENT)[:cut]})


@pytest.mark.parametrize("method", [12, 14, 93])
def test_zips_packed_in_other_ways_give_a_sentence(method: int) -> None:
    archive = bytearray(zipped({"tokenizer.json": CONTENT["tokenizer.json"]}))
    archive[8] = archive[archive.rindex(b"PK\1\2") + 10] = method
    with pytest.raises(AssetError, match=r"^tokenizer\.json cannot be read"):
        import_files(World(), {"model.zip": bytes(archive)})


def test_a_zip_with_a_name_of_no_encoding_gives_a_sentence() -> None:
    archive = zipped({"\u00e9.json": b"{}"}).replace("\u00e9".encode(), b"\xc3\xff")
    with pytest.raises(AssetError, match=r"model\.zip cannot be read"):
        import_files(World(), {"model.zip": archive})


def encrypted(archive: bytes) -> bytes:
    """Mark every member as encrypted, in its own header and in the directory."""
    marked = bytearray(archive)
    for start, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = marked.find(start)
        while at >= 0:
            marked[at + flags] |= 1
            at = marked.find(start, at + 1)
    return bytes(marked)


def test_a_zip_with_a_password_says_so() -> None:
    world = World()
    small = {path: data for path, data in CONTENT.items() if path != BIG}
    with pytest.raises(AssetError) as caught:
        import_files(world, {"model.zip": encrypted(zipped(small))})
    assert caught.value.message == (
        "config.json is protected by a password. Unpack the zip yourself and choose the files "
        "that were in it."
    )


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_flipped_bit_in_a_member_is_told_by_its_name(method: int) -> None:
    world = World()
    archive = bytearray(zipped({"tokenizer.json": CONTENT["tokenizer.json"]}, method))
    archive[len(archive) // 2] ^= 1
    with pytest.raises(AssetError, match=r"^tokenizer\.json cannot be read: it is damaged"):
        import_files(world, {"model.zip": bytes(archive)})


def test_a_zip_inside_a_zip_is_a_file_like_others() -> None:
    inner = zipped({"tokenizer.json": CONTENT["tokenizer.json"]})
    offers = unpack_zips(offered({"outer.zip": zipped({"inner.zip": inner})}))
    assert [(offer.name, offer.size_bytes) for offer in offers] == [("inner.zip", len(inner))]


def test_a_file_that_has_been_moved_since_it_was_chosen() -> None:
    def gone() -> io.BytesIO:
        raise OSError("NotReadableError")

    with pytest.raises(AssetError, match=r"a\.bin cannot be read: .* has been moved"):
        unpack_zips([OfferedFile("a.bin", 5, gone)])


def test_hashing_listens_between_two_pieces() -> None:
    """A stop that comes while an offer is hashed ends it before its next piece."""
    stop = StopSignal()
    data = bytes(3 * PIECE_BYTES)
    reads: list[int] = []

    class Reader(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            reads.append(size or 0)
            return super().read(size)

    hashing = hash_offer(OfferedFile("big", len(data), lambda: Reader(data)), stop)
    assert hashing.send(None) is None
    stop.cancel()
    with pytest.raises(CancelledError):
        hashing.send(None)
    assert reads == [PIECE_BYTES]


def test_any_damage_in_a_zip_gives_an_error_and_no_model() -> None:
    rng = random.Random(5)
    small = {path: data for path, data in CONTENT.items() if path != BIG}
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        original = zipped(small, method)
        for _ in range(25):
            damaged = bytearray(original)
            for _ in range(rng.randint(1, 20)):
                damaged[rng.randrange(4, len(damaged))] = rng.randrange(256)
            world = World()
            with pytest.raises(AssetError):
                import_files(world, {"model.zip": bytes(damaged)})
            assert world.status().state != "ready"


def test_a_member_that_claims_to_be_small_is_not_unpacked_whole() -> None:
    """A bomb: the size in the archive's directory is right, the data go on for ever."""
    world = World()
    bomb = bytearray(zipped({"tokenizer.json": bytes(50_000_000)}, zipfile.ZIP_DEFLATED))
    size = len(CONTENT["tokenizer.json"]).to_bytes(4, "little")
    real = (50_000_000).to_bytes(4, "little")
    with pytest.raises(AssetError, match=r"Not the right file|cannot be read"):
        import_files(world, {"bomb.zip": bytes(bomb.replace(real, size))})


def test_import_can_be_cancelled_and_goes_to_memory_without_room() -> None:
    world = World()
    world.stop.cancel()
    with pytest.raises(CancelledError):
        import_files(world, CONTENT)
    assert world.tabs.held == []
    world = World(device=FakeDevice(quota=1000))
    assert import_files(world, CONTENT).in_memory
    world.assert_ready()


def test_the_exported_zip_is_read_by_zipfile_and_by_import() -> None:
    world = World()
    with pytest.raises(AssetError, match="not on this device"):
        export(world)
    world.download()
    data = export(world)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert {info.filename: archive.read(info) for info in archive.infolist()} == CONTENT
        # Sizes stand in the headers, not behind the data: every unzip program can read that.
        assert {info.flag_bits & 0x08 for info in archive.infolist()} == {0}
    assert world.progress[-1].phase == "exporting"
    assert world.progress[-1].loaded == world.entry.size_bytes
    assert export(world) == data
    other = World()
    assert import_files(other, {"seesay.zip": data}).state == "ready"
    other.assert_ready()
    assert other.fetcher.requests == []


def test_export_names_a_piece_that_has_gone_and_can_be_cancelled() -> None:
    world = World()
    world.download()
    stop = StopSignal()

    def cancel(progress: Any) -> None:
        stop.cancel()

    with pytest.raises(CancelledError):
        run_sync(world.store.export_zip(world.entry, cancel, stop))
    (pieces,) = world.device.kept.values()
    name = max(pieces.entries, key=lambda name: len(pieces.entries[name]))
    pieces.entries[name] = b"short"
    with pytest.raises(AssetError, match="removed part of onnx"):
        export(world)
