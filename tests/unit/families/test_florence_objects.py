"""Names and boxes out of what Florence-2 answers.

Expected is what transformers 4.57.6 gives for these texts (Florence2PostProcessor,
"description_with_bboxes", for an image of 1000 x 1000 pixels, before it cuts to whole ones).
"""

from __future__ import annotations

import pytest

from pycore.captioning.tasks import FoundObject
from pycore.families.florence_objects import read_objects


def places(*bins: int) -> str:
    return "".join(f"<loc_{one}>" for one in bins)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("", []),
        ("</s><s></s>", []),
        (f"</s><s>dog{places(0, 10, 500, 999)}</s>", [("dog", (0.5, 10.5, 500.5, 999.5))]),
        (
            f"<s>car{places(1, 2, 3, 4)}human face{places(5, 6, 7, 8, 9, 10, 11, 12)}</s><pad>",
            [
                ("car", (1.5, 2.5, 3.5, 4.5)),
                ("human face", (5.5, 6.5, 7.5, 8.5)),
                ("human face", (9.5, 10.5, 11.5, 12.5)),
            ],
        ),
        # Cut short by the limit of tokens, or muddled: whole boxes count, what is over does not.
        (f"dog{places(1, 2, 3)}", []),
        (f"dog{places(1, 2, 3, 4, 5, 6)}", [("dog", (1.5, 2.5, 3.5, 4.5))]),
        (f"a dog, two cats{places(5, 6, 7, 8)}", [("a dog, two cats", (5.5, 6.5, 7.5, 8.5))]),
        (f"{places(1, 2, 3, 4)}dog{places(5, 6, 7, 8)}", [("dog", (5.5, 6.5, 7.5, 8.5))]),
        (f"  wine glass {places(5, 6, 7, 8)}", [("wine glass", (5.5, 6.5, 7.5, 8.5))]),
        (f"caf\u00e9{places(5, 6, 7, 8)}", [("caf", (5.5, 6.5, 7.5, 8.5))]),
        # Here the source gives things without a name, one called "bus ", one called "loc_2>cat".
        (f" {places(5, 6, 7, 8)}", []),
        (f"\u65e5 \u672c{places(5, 6, 7, 8)}", []),
        (f"bus \u65e5{places(5, 6, 7, 8)}", [("bus", (5.5, 6.5, 7.5, 8.5))]),
        (f"dog{places(1, 2)}cat{places(5, 6, 7, 8)}", [("cat", (5.5, 6.5, 7.5, 8.5))]),
    ],
)
def test_names_and_boxes(said: str, expected: list[tuple[str, tuple[float, ...]]]) -> None:
    found = read_objects(said)
    assert [one.label for one in found] == [label for label, _ in expected]
    for one, (_, box) in zip(found, expected, strict=True):
        assert one.box == pytest.approx([side / 1000 for side in box])


def test_places_belong_to_the_whole_image_even_where_part_of_it_is_missing() -> None:
    one = FoundObject("dog", (0.5, 0.5, 1.0, 1.0))
    assert one.within((0.0, 0.0, 1.0, 1.0)) == one
    assert one.within((0.0, 0.0, 1.0, 0.5)).box == (0.5, 0.25, 1.0, 0.5)
    assert one.within((0.5, 0.0, 1.0, 1.0)).box == (0.75, 0.5, 1.0, 1.0)
