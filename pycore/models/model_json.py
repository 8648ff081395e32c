"""A model's JSON files, as whoever made the model wrote them."""

from __future__ import annotations

from typing import Any

from pycore.errors import UnsupportedModelError
from pycore.json_data import parse_json


def parse_model_json(path: str, data: bytes) -> Any:
    """Return what a JSON file of a model says.

    Args:
        path: in the model's folder, for the sentence.
        data: the file.

    Raises:
        UnsupportedModelError: it is no JSON.
    """
    try:
        return parse_json(data)
    except ValueError as error:
        raise UnsupportedModelError(f"its {path} is not JSON.", detail=str(error)) from error
