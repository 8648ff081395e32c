"""Rules tried on images: what each would change, counted, and how to take it back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pycore.rules.rule import Action, Condition, Rule
    from pycore.rules.subject import State, Subject


@dataclass(frozen=True, slots=True)
class Change:
    """One image as it was and as it is with all rules.

    Attributes:
        index: of the image among those given.
        before: as it was; enough to take the change back.
        after: as it is.
    """

    index: int
    before: Subject
    after: Subject


@dataclass(frozen=True, slots=True)
class Count:
    """What one rule did.

    Attributes:
        matched: images that its conditions hold for.
        changed: of them, those that its actions made different.
    """

    matched: int = 0
    changed: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What rules do to images; nothing is changed until somebody keeps it.

    Attributes:
        counts: one for each rule; of rules that are off, none matched.
        changes: images that are different, in order.
    """

    counts: tuple[Count, ...]
    changes: tuple[Change, ...]

    def undo(self, images: Mapping[int, Subject]) -> dict[int, Subject]:
        """Return the images as they were, by index; what was changed since stays as it is now.

        Args:
            images: as they are now, by index.
        """
        return {
            change.index: change.before
            for change in self.changes
            if images.get(change.index) == change.after
        }


def run(rules: Sequence[Rule], images: Iterable[Subject]) -> Outcome:
    """Try rules, each after the other, so that later ones see what earlier ones did.

    Args:
        rules: in order; those that are off are left out.
        images: each is looked at once.
    """
    ready = [_Ready(rule) for rule in rules]
    changes = []
    for index, before in enumerate(images):
        after = before
        for rule in ready:
            after = rule.apply(after)
        if after != before:
            changes.append(Change(index, before, after))
    counts = tuple(Count(rule.matched, rule.changed) for rule in ready)
    return Outcome(counts, tuple(changes))


class _Ready:
    """A rule with its patterns read."""

    def __init__(self, rule: Rule) -> None:
        self.matched = 0
        self.changed = 0
        self._rule = rule
        self._tests = [_test(condition) for condition in rule.conditions]
        self._join = all if rule.needs == "all" else any

    def apply(self, image: Subject) -> Subject:
        if not self._rule.is_on or not self._join(test(image) for test in self._tests):
            return image
        self.matched += 1
        after = image
        for action in self._rule.actions:
            after = _done(action, after)
        self.changed += after != image
        return after


def _test(condition: Condition) -> Callable[[Subject], bool]:
    """Return the condition as a function."""
    read, value = _READERS[condition.where], condition.value
    match condition.test:
        case "is there":
            return lambda image: bool(read(image))
        case "is missing":
            return lambda image: read(image) in {None, "", ()}
        case "is under":
            return lambda image: image.confidence is not None and image.confidence < float(value)
        case "is over":
            return lambda image: image.confidence is not None and image.confidence > float(value)
        case "is":
            return lambda image: _has(read(image), str(value))
        case "is not":
            return lambda image: not _has(read(image), str(value))
    pattern = condition.pattern()
    if condition.where == "keyword":
        return lambda image: any(pattern.matches(keyword) for keyword in image.keywords)
    if condition.test == "lacks":
        return lambda image: not pattern.matches(read(image))
    return lambda image: pattern.matches(read(image))


_READERS: dict[str, Callable[[Subject], Any]] = {
    "caption": lambda image: image.caption.strip(),
    "alt text": lambda image: image.alt_text.strip(),
    "text": lambda image: image.text.strip(),
    "name": lambda image: image.name,
    "keyword": lambda image: image.keywords,
    "confidence": lambda image: image.confidence,
    "state": lambda image: image.state,
}


def _has(found: str | tuple[str, ...], value: str) -> bool:
    listed = (found,) if isinstance(found, str) else found
    return value.strip().casefold() in {one.strip().casefold() for one in listed}


def _done(action: Action, image: Subject) -> Subject:
    value = action.value.strip()
    match action.act:
        case "add keyword":
            if _has(image.keywords, value):
                return image
            return replace(image, keywords=(*image.keywords, value))
        case "remove keyword":
            kept = tuple(one for one in image.keywords if not _has(one, value))
            return replace(image, keywords=kept)
        case "set state":
            if (value, image.state) == ("reviewed", "edited"):
                return image  # who wrote the words has read them, and they stay a person's
            return replace(image, state=cast("State", value))
        case "put into folder":
            return replace(image, folder=value)
        case "set field":
            return replace(image, fields={**image.fields, action.field: action.value})
        case "flag":
            return replace(image, is_flagged=True)
