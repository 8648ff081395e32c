"""A sample library that a test has dropped may be collected in any thread."""

from __future__ import annotations

import gc
from threading import Thread

from tests.unit.library.library_samples import new_library


def test_a_dropped_library_is_nothing_to_the_thread_that_collects_it() -> None:
    circle: list[object] = [new_library()]
    circle.append(circle)
    del circle  # only the collector can take it away now
    collector = Thread(target=gc.collect)
    collector.start()
    collector.join()  # pytest turns what a finalizer raises into an error of this test
