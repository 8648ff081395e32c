"""What kind a picture is, once the model for drawings has been heard as well as the router.

That model writes about what it knows with near certainty, and about photographs and pages without.
So its confidence is a second witness, independent of the router, and their odds are multiplied.
"""

from __future__ import annotations

from collections.abc import Mapping

from pycore.recognition.router import Kind, likeliest

Shares = Mapping[Kind, float]
"""How likely a picture is of each kind; 0 to 1, together 1."""

SURE = 0.9
"""Share of the likeliest kind below which the model for drawings is heard. A fifth of all
photographs have less, and no page in a hundred."""

_EVEN = 0.97
"""The confidence of a caption that tells nothing: 87 % of drawings have more, 2 % of photographs.

Source: chosen on 500 scenes, 200 photographs and 100 pages; models/photo/recognition.md."""

_MOST = 0.9999


def is_sure(shares: Shares) -> bool:
    """Say whether the likeliest kind needs no second witness."""
    return shares[likeliest(shares)] >= SURE


def weigh(shares: Shares, confidence: float) -> Shares:
    """Take account of how sure the model for drawings is of its caption.

    Certainty speaks for a drawing; doubt speaks for a photograph, but not for a page: of drawings
    that the model does not know there are many, and reading them costs a download.

    Args:
        shares: the router's.
        confidence: 0 to 1.
    """
    odds = min(confidence, _MOST) / (1 - min(confidence, _MOST))
    drawing = shares["drawing"] * odds * (1 - _EVEN) / _EVEN
    if drawing >= shares["drawing"]:
        return _normalised({**shares, "drawing": drawing})
    pictures = 1 - shares["text"]
    drawing *= pictures / ((drawing + shares["photograph"]) or 1)
    return {"drawing": drawing, "photograph": pictures - drawing, "text": shares["text"]}


def without_text(shares: Shares) -> Shares:
    """Take account of that there are no words."""
    return _normalised({**shares, "text": 0.0})


def _normalised(shares: Shares) -> Shares:
    total = sum(shares.values())
    if not total:  # of three kinds one is ruled out, and it was the only one
        return {"drawing": 1.0, "photograph": 0.0, "text": 0.0}
    return {kind: share / total for kind, share in shares.items()}
