"""Rules tried on images: what each would change, before anything does.

Runs in MicroPython (the page) and in CPython (tests).
"""

from pyscript import ffi

from page.browser.js_data import Record
from page.rules.targets import AT_ONCE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from page.rules.targets import Change, Images, Kept


class Trial:
    """What rules would make of the images of a target.

    Attributes:
        counts: of each rule, how many images it matched and changed.
        changes: images that would be different, in order.
        total: how many were looked at.
    """

    def __init__(self, rule_count: int) -> None:
        """Begin with nothing."""
        self.counts = [[0, 0] for _ in range(rule_count)]
        self.changes: "list[Change]" = []
        self.total = 0


async def attempt(
    captioner: "Any",
    rules: "list[dict[str, Any]]",
    target: "Images | Kept",
    on_progress: "Callable[[int, int], object]",
) -> Trial:
    """Try rules on all images of a target.

    Args:
        captioner: the JavaScript API.
        rules: those that are off count nothing.
        target: the images.
        on_progress: is told how many were looked at, and how many there are.

    Raises:
        JsException: a rule is none, or the library cannot be read.
    """
    trial = Trial(len(rules))
    given_rules = ffi.to_js(rules)
    count = await target.count()
    for first in range(0, count, AT_ONCE):
        on_progress(first, count)
        images = await target.part(first, first + AT_ONCE)
        given = ffi.to_js([before for _, before in images])
        found = Record(await captioner.rules.run(given_rules, given))
        for sums, one in zip(trial.counts, found.counts):  # noqa: B905 - MicroPython
            sums[0] += int(one["matched"])
            sums[1] += int(one["changed"])
        for change in found.changes:
            key, before = images[int(change["index"])]
            trial.changes.append((key, before, change["after"]))
        trial.total += len(images)
    return trial
