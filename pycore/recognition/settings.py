"""Every number that was chosen on photographs, in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Thresholds are shares, 0 to 1, unless it says otherwise.

    Source: chosen on photographs that are in no test (models/photo/calibrate.py).

    Attributes:
        temperature: divides the namer's logits.
        sure: what is at least so certain is said.
        sure_specific: likewise for names that have a more general one.
        doubtful: what is at least so certain is said as a guess.
        keyword: what is at least so certain is a keyword.
        seen: the least score of a detection.
        hinted: the score from which there may be a person, so that clothes are not spoken of.
        even_score: the score at which half of the detections are right.
        even_person_score: likewise for persons, whom the detector knows best.
        score_slope: how fast that share grows with the score (of a logistic curve).
        least_prior: share of all that the detector may see, which a class has at least; the lower,
            the more a detection counts against the namer.
        echo: how much the namer's words on the whole picture count for a box that fills it.
        unknown: share of what the namer sees that it has no name for.
        unsure: what a namer without any idea adds to that.
        same: overlap of two boxes of one family that show one thing.
        other: overlap of two boxes without a common name that show one thing.
        least_area: share of the picture that a thing covers at least, to be spoken of.
        margin: what a crop shows around its box, as a share of the box's side.
        middle: share of the shorter side that the namer sees of the whole picture.
        smallest: side in pixels of the least box whose crop tells the namer anything.
        most_crops: crops that the namer is asked about; the whole picture comes on top.
        most_kinds: kinds of things in a sentence.
        most_keywords: keywords of a picture.
    """

    temperature: float = 0.9
    sure: float = 0.85
    sure_specific: float = 0.97
    doubtful: float = 0.35
    keyword: float = 0.5
    seen: float = 0.3
    hinted: float = 0.2
    even_score: float = 0.45
    even_person_score: float = 0.35
    score_slope: float = 8.0
    least_prior: float = 0.05
    echo: float = 1.0
    unknown: float = 0.005
    unsure: float = 0.05
    same: float = 0.5
    other: float = 0.6
    least_area: float = 0.015
    margin: float = 0.1
    middle: float = 0.875
    smallest: float = 24.0
    most_crops: int = 6
    most_kinds: int = 3
    most_keywords: int = 12


DEFAULTS = Settings()
