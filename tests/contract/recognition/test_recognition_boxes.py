from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pycore.recognition.boxes import (
    Box,
    Detection,
    coverage,
    crop_region,
    middle_region,
    read_detections,
    suppress,
)
from tests.unit.recognition.recognition_samples import SIZE, TREE, node, row


def test_overlap_is_intersection_over_union() -> None:
    assert Box(0, 0, 2, 2).overlap(Box(1, 0, 3, 2)) == pytest.approx(1 / 3)
    assert Box(0, 0, 1, 1).overlap(Box(2, 2, 3, 3)) == 0
    assert Box(1, 1, 1, 1).overlap(Box(1, 1, 1, 1)) == 0


def test_detections_are_cut_to_the_picture_and_sorted() -> None:
    rows = np.array(
        [row("cat", 0.4, 10, 10, 50, 50), row("dog", 0.9, -20, 300, 90, 900),
         row("dog", 0.1, 0, 0, 9, 9), row("cat", 0.8, 700, 0, 800, 50)],
        np.float32,
    )  # fmt: skip
    found = read_detections(rows, TREE, SIZE, least=0.3)
    assert [(one.node, one.box) for one in found] == [
        (node("dog"), Box(0, 300, 90, 400)),
        (node("cat"), Box(10, 10, 50, 50)),
    ]


def test_no_detection_is_no_error() -> None:
    assert read_detections(np.zeros((0, 6), np.float32), TREE, SIZE, least=0.3) == []


def test_overlapping_boxes_are_one_thing_and_a_rider_is_not_the_horse() -> None:
    cat = Detection(node("cat"), 0.9, Box(0, 0, 100, 100))
    dog = Detection(node("dog"), 0.8, Box(0, 20, 100, 110))
    person = Detection(node("person"), 0.7, Box(0, 10, 100, 120))
    kept = suppress([cat, dog, person], TREE, same=0.5, other=0.9)
    assert kept == [cat, person]


@given(
    st.tuples(*[st.floats(0, 500)] * 4), st.integers(1, 900), st.integers(1, 900), st.floats(0, 0.5)
)
def test_a_crop_lies_in_the_picture_and_holds_the_box(
    edges: tuple[float, float, float, float], height: int, width: int, margin: float
) -> None:
    left, right = sorted(edges[:2])
    top, bottom = sorted(edges[2:])
    box = Box(left, top, right, bottom).within(height, width)
    region = crop_region(box, (height, width), margin=margin)
    slack = 1e-6
    assert -slack <= region.left <= box.left + slack
    assert box.right - slack <= region.right <= width + slack
    assert -slack <= region.top <= box.top + slack
    assert box.bottom - slack <= region.bottom <= height + slack


def test_crops_are_square_where_there_is_room() -> None:
    assert crop_region(Box(100, 100, 200, 150), SIZE, margin=0) == Box(100, 75, 200, 175)
    assert middle_region((100, 300), share=0.5) == Box(125, 25, 175, 75)


def test_a_box_covers_its_cells() -> None:
    cover = coverage([Box(150, 0, 300, 100)], SIZE, (4, 4))
    assert cover.tolist() == [[0, 1, 0, 0], [0] * 4, [0] * 4, [0] * 4]
    assert coverage([Box(75, 0, 300, 100)], SIZE, (4, 4))[0].tolist() == [0.5, 1, 0, 0]
