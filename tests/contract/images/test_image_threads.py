"""Images read by several threads at once: Pillow's settings are the whole program's."""

from __future__ import annotations

import threading

import pytest
from PIL import ImageFile

from pycore.images.decoding import pillow_file
from pycore.images.file import read_image
from tests.unit.images.image_samples import encode, pattern


def test_pillow_is_set_for_one_thread_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two reads try to meet inside; they would put back each other's settings."""
    meeting = threading.Barrier(2, timeout=0.5)
    met: list[bool] = []

    def telling_frame(_image: object, first: object) -> object:
        try:
            meeting.wait()
            met.append(True)
        except threading.BrokenBarrierError:
            met.append(False)
        return first

    monkeypatch.setattr(pillow_file, "telling_frame", telling_frame)
    data = encode(pattern(24, 20), "GIF")
    threads = [threading.Thread(target=read_image, args=(data,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert met == [False, False]
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False
