"""Which kind a picture is, when two witnesses are heard."""

from __future__ import annotations

import pytest

from pycore.recognition.router import likeliest
from pycore.recognition.verdict import Shares, is_sure, weigh, without_text


def shares(drawing: float, photograph: float, text: float = 0.0) -> Shares:
    return {"drawing": drawing, "photograph": photograph, "text": text}


def test_the_likeliest_kind_and_whether_it_is_sure() -> None:
    assert likeliest(shares(0.2, 0.7, 0.1)) == "photograph"
    assert not is_sure(shares(0.2, 0.7, 0.1))
    assert is_sure(shares(0.0, 0.05, 0.95))


@pytest.mark.parametrize(
    ("drawing", "confidence", "kind"),
    [
        (0.7, 0.97, "drawing"),  # tells nothing
        (0.3, 0.97, "photograph"),
        (0.1, 0.999, "drawing"),  # scenes are written about with certainty
        (0.1, 1.0, "drawing"),
        (0.0, 1.0, "photograph"),
        (0.8, 0.6, "photograph"),  # photographs never
        (0.8, 0.0, "photograph"),
        (1.0, 0.3, "drawing"),  # a drawing of what the model does not know
    ],
)
def test_the_model_for_drawings_is_a_second_witness(
    drawing: float, confidence: float, kind: str
) -> None:
    weighed = weigh(shares(drawing, 1 - drawing), confidence)
    assert likeliest(weighed) == kind
    assert sum(weighed.values()) == pytest.approx(1)


def test_doubt_about_a_drawing_makes_it_no_page() -> None:
    weighed = weigh(shares(0.92, 0.01, 0.07), 0.3)
    assert weighed["text"] == pytest.approx(0.07)
    assert likeliest(weighed) != "text"
    assert likeliest(weigh(shares(0.3, 0.0, 0.7), 0.999)) == "drawing"  # while certainty does


def test_what_has_no_words_is_no_text() -> None:
    assert without_text(shares(0.1, 0.3, 0.6)) == pytest.approx(shares(0.25, 0.75))
    assert likeliest(without_text(shares(0.0, 0.0, 1.0))) == "drawing"
