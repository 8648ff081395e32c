"""The map over a cluster, on two workers of this machine; where Ray is installed (seesay[ray])."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.contract.cli.command import CASES, SCENES
from tools.project import ROOT

ray = pytest.importorskip("ray")
# Ray warns of settings of its own that nobody here has set.
pytestmark = pytest.mark.filterwarnings("default::DeprecationWarning:ray")


@pytest.fixture(scope="module")
def cluster():
    variables = {"PYTHONPATH": str(ROOT)}
    ray.init(
        num_cpus=3,
        include_dashboard=False,
        logging_level="error",
        runtime_env={"env_vars": variables},
    )
    yield
    ray.shutdown()


def test_a_killed_worker_costs_nothing_and_a_second_run_goes_on(
    cluster, tmp_path: Path, monkeypatch
) -> None:
    import pyarrow.parquet

    from seesay import ray_map

    images, out, marker = tmp_path / "images", tmp_path / "out", tmp_path / "died"
    images.mkdir()
    for number in range(40):
        shutil.copy(SCENES / CASES[number % 10]["image"], images / f"{number:02}.png")
    (images / "broken.png").write_bytes(b"no image")
    plain = ray_map.CaptionWorker

    class Dying(plain):  # type: ignore[misc, valid-type]
        def __call__(self, batch):
            if not marker.exists() and any("20.png" in str(one) for one in batch["source"]):
                marker.touch()
                os._exit(9)
            return super().__call__(batch)

    monkeypatch.setattr(ray_map, "CaptionWorker", Dying)
    assert ray_map.caption_all(images, out, workers=2, model="starter") == 41
    monkeypatch.setattr(ray_map, "CaptionWorker", plain)
    assert marker.exists()
    rows = {Path(row["source"]).name: row for row in pyarrow.parquet.read_table(out).to_pylist()}
    assert len(rows) == pyarrow.parquet.read_table(out).num_rows == 41
    assert [rows[f"{n:02}.png"]["caption"] for n in range(10)] == [case["text"] for case in CASES]
    assert rows["broken.png"]["error"].startswith("unsupported_image: ")
    assert ray_map.caption_all(images, out, workers=2, model="starter") == 0
    half = min(out.glob("*.parquet"))
    lost = pyarrow.parquet.read_table(half).num_rows
    half.write_bytes(half.read_bytes()[:100])  # as a kill leaves it
    assert ray_map.caption_all(images, out, workers=2, model="starter") == lost
    assert pyarrow.parquet.read_table(out).num_rows == 41
    (aside,) = out.glob("_*")
    assert aside.name == f"_{half.name}.unfinished"


def test_all_workers_work_and_what_is_done_is_written_meanwhile(
    cluster, tmp_path: Path, monkeypatch
) -> None:
    from seesay import ray_map

    images, out, begun = tmp_path / "images", tmp_path / "out", tmp_path / "begun"
    images.mkdir()
    begun.mkdir()
    for number in range(120):
        shutil.copy(SCENES / CASES[number % 10]["image"], images / f"{number:03}.png")

    class Waiting(ray_map.CaptionWorker):
        """Does nothing before all three are there, and not the last before one has been written."""

        def __call__(self, batch):
            (begun / str(os.getpid())).touch()
            self._wait(lambda: len([*begun.iterdir()]) == 3)
            if any("119.png" in str(one) for one in batch["source"]):
                self._wait(lambda: any(out.glob("*.parquet")))
            return super().__call__(batch)

        @staticmethod
        def _wait(is_so: Callable[[], bool]) -> None:
            deadline = time.monotonic() + 120
            while not is_so():
                assert time.monotonic() < deadline
                time.sleep(0.05)

    monkeypatch.setattr(ray_map, "CaptionWorker", Waiting)  # as many as the cluster has processors
    assert ray_map.caption_all(images, out, workers=3, model="starter") == 120


def test_tables_of_others_are_left_alone(tmp_path: Path, capsys) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    from seesay import ray_map

    mine = tmp_path / "mine.parquet"
    parquet.write_table(pa.table({"url": ["https://example.org/a.png"]}), mine)
    whole = mine.read_bytes()
    for source, out in ((mine, tmp_path), (SCENES, tmp_path), (SCENES, SCENES.parent)):
        assert ray_map.main([str(source), str(out)]) == 3
        assert len(capsys.readouterr().err.splitlines()) == 1
    assert [*tmp_path.iterdir()] == [mine]
    assert mine.read_bytes() == whole


def test_sources_that_are_none_are_one_line(tmp_path: Path, capsys) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    from seesay import ray_map

    words, other = tmp_path / "words.txt", tmp_path / "other.parquet"
    words.write_text("no table")
    parquet.write_table(pa.table({"address": ["https://example.org/a.png"]}), other)
    for source in (words, other):
        assert ray_map.main([str(source), str(tmp_path / "out")]) == 3
        assert "column url" in capsys.readouterr().err


def test_what_the_network_did_not_give_is_tried_again(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    from seesay import ray_map

    rows = {"source": ["a", "b", "c"], "error": ["", "network: gone", "broken_image: no"]}
    parquet.write_table(pa.table(rows), tmp_path / "1.parquet")
    assert ray_map._finished(tmp_path) == {"a", "c"}
