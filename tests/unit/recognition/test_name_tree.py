from __future__ import annotations

import numpy as np
import pytest

from pycore.errors import AssetError
from pycore.recognition.belief import believe, most_specific, probabilities
from pycore.recognition.boxes import Box, Detection
from pycore.recognition.name_tree import NameTree
from pycore.recognition.settings import DEFAULTS
from tests.unit.recognition.recognition_samples import TREE, logits, node, tree_data


def _believe(detected: str | None, score: float = 0.6, **shares: float) -> np.ndarray:
    detection = Detection(node(detected), score, Box(0, 0, 9, 9)) if detected else None
    return believe(TREE, probabilities(logits(**shares), 1.0), detection, DEFAULTS)


def _said(beliefs: np.ndarray) -> str:
    found = most_specific(TREE, beliefs, DEFAULTS.sure)
    return TREE.noun(found).word if found >= 0 else ""


def test_shares_are_summed_up_the_tree() -> None:
    beliefs = _believe(None, tabby_cat=0.5, Persian_cat=0.2, macaw=0.1)
    keep = 1 - DEFAULTS.unknown
    assert beliefs[node("cat")] == pytest.approx(0.7 * keep, abs=0.01)
    assert beliefs[node("animal")] == pytest.approx(0.8 * keep, abs=0.01)


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ({"tabby_cat": 0.9}, "tabby cat"),
        ({"tabby_cat": 0.5, "Persian_cat": 0.4}, "cat"),
        ({"tabby_cat": 0.5, "beagle": 0.4}, "animal"),
        ({"tabby_cat": 0.5, "tripod": 0.4}, ""),
    ],
)
def test_the_most_specific_name_that_is_sure_is_said(shares: dict[str, float], said: str) -> None:
    assert _said(_believe(None, **shares)) == said


def test_an_unsure_namer_is_read_inside_the_detectors_family() -> None:
    shares = {"tabby_cat": 0.42, "tripod": 0.1, "canoe": 0.1}
    assert _said(_believe(None, **shares)) == ""
    assert _said(_believe("cat", **shares)) == "tabby cat"


def test_a_sure_namer_overrules_the_detector() -> None:
    assert _said(_believe("sheep", 0.45, white_wolf=0.96)) == "white wolf"


def test_where_they_contradict_only_what_is_above_both_is_said() -> None:
    assert _said(_believe("dog", 0.6, tabby_cat=0.6, Persian_cat=0.1, beagle=0.02)) == "animal"


def test_an_espresso_is_found_in_a_cup_and_counts_as_the_cup() -> None:
    assert _said(_believe("cup", espresso=0.9)) == "espresso"
    assert _said(_believe("cup", espresso=0.4, mug=0.35)) == "cup"


def test_the_detector_is_believed_about_what_the_namer_has_no_class_for() -> None:
    assert _said(_believe("giraffe", 0.75)) == "giraffe"
    assert _said(_believe("giraffe", 0.4, beagle=0.7)) != "giraffe"


def test_the_belief_in_a_node_is_at_least_that_in_any_below() -> None:
    for detected in (None, "cat", "cup", "giraffe"):
        beliefs = _believe(detected, espresso=0.3, tabby_cat=0.3, macaw=0.2)
        assert all(
            beliefs[above] >= beliefs[number] - 1e-9
            for number, above in enumerate(TREE.parents)
            if above >= 0
        )
        assert beliefs.max() <= 1 + 1e-9


def test_a_lower_temperature_sharpens() -> None:
    soft, sharp = (probabilities(logits(beagle=0.6), value).max() for value in (1.0, 0.5))
    assert sharp > soft


def test_common_names() -> None:
    assert TREE.common(node("tabby cat"), node("macaw")) == node("animal")
    assert TREE.common(node("tabby cat"), node("tripod")) == -1
    assert TREE.said(7) == node("person")


@pytest.mark.parametrize(
    "change",
    [
        {"parents": [-1]},
        {"nouns": ["cat"]},
        {"parents": [*range(1, 1000), 0, *[-1] * 16]},  # a ring
        {"person": None, "related": 3},
    ],
)
def test_a_broken_file_of_names_is_an_asset_error(change: dict[str, object]) -> None:
    with pytest.raises(AssetError, match="names for photographs"):
        NameTree.from_dict({**tree_data(), **change})
