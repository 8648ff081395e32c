"""Checks on single generation options: right type, right range, one clear sentence if not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pycore.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

EarlyStopping = bool | Literal["never"]
TokenSequences = tuple[tuple[int, ...], ...]


def _refuse(name: str, wanted: str, value: object) -> ConfigurationError:
    return ConfigurationError(f"{name} must be {wanted}; it is {value!r}.")


def whole_number(low: int, high: int) -> Callable[[str, object], int]:
    """Return a check for integers in [low, high]."""

    def check(name: str, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise _refuse(name, f"a whole number from {low} to {high}", value)
        return value

    return check


def number(low: float, high: float, *, above_low: bool = False) -> Callable[[str, object], float]:
    """Return a check for numbers in [low, high], or in (low, high] when ``above_low``."""

    def check(name: str, value: object) -> float:
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        # NaN fails both comparisons and is refused with the rest.
        if not (is_number and low <= value <= high) or (above_low and value == low):  # type: ignore[operator]
            bound = "above" if above_low else "from"
            raise _refuse(name, f"a number {bound} {low:g} and up to {high:g}", value)
        return float(value)  # type: ignore[arg-type]

    return check


def yes_or_no(name: str, value: object) -> bool:
    """Accept true and false only."""
    if not isinstance(value, bool):
        raise _refuse(name, "true or false", value)
    return value


def early_stopping(name: str, value: object) -> EarlyStopping:
    """Accept true, false and "never"."""
    if isinstance(value, bool):
        return value
    if value == "never":
        return "never"
    raise _refuse(name, 'true, false or "never"', value)


def token_ids(name: str, value: object) -> tuple[int, ...]:
    """Accept one token id or a list of them."""
    values = value if isinstance(value, (list, tuple)) else (value,)
    check = whole_number(0, 2**31 - 1)
    return tuple(check(name, item) for item in values)


def first_token_id(name: str, value: object) -> int:
    """Accept one token id, or a list of which the first one counts."""
    ids = token_ids(name, value)
    if not ids:
        raise _refuse(name, "a token id", value)
    return ids[0]


def token_sequences(name: str, value: object) -> TokenSequences:
    """Accept a list of lists of token ids, none of them empty."""
    if not isinstance(value, (list, tuple)):
        raise _refuse(name, "a list of lists of token ids", value)
    sequences = tuple(token_ids(name, item) for item in value)
    if not all(sequences):
        raise _refuse(name, "a list of lists of token ids, none of them empty", value)
    return sequences


def check_all(
    checks: Mapping[str, Callable[[str, object], object]], values: Mapping[str, object]
) -> dict[str, object]:
    """Check each value that is given; None means "not given", as in transformers."""
    return {name: checks[name](name, value) for name, value in values.items() if value is not None}


def nothing_allowed() -> ConfigurationError:
    """Return the error for options that each are fine and together exclude every token."""
    return ConfigurationError(
        "With these options no caption can be written: together they rule out every word. "
        "Loosen one of them."
    )
