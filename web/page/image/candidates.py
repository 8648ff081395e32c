"""The captions to choose from, when the search was careful enough to find several.

Runs in MicroPython.
"""

import math

from pyscript import document

from page import texts, view

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def show(found: "list[Any]", chosen: str, on_pick: "Callable[[str, float], None]") -> None:
    """Mark the doubtful words of the candidate that is the caption, and list the others.

    Args:
        found: Candidates of seesay.d.ts, best first.
        chosen: the text of the one that is the caption.
        on_pick: called with the text and the confidence of another one, once the person has chosen
            it and its words have been written.
    """
    for candidate in found:
        if candidate.text == chosen:
            _show_words(candidate)
            break
    _list(found, on_pick)


def _pick(chosen: "Any", found: "list[Any]", on_pick: "Callable[[str, float], None]") -> None:
    """Put a candidate in the place of the caption."""
    _show_words(chosen)
    on_pick(chosen.text, _confidence(chosen))
    _list(found, on_pick)
    view.element("copy").focus()


def _list(found: "list[Any]", on_pick: "Callable[[str, float], None]") -> None:
    """List each candidate once, without the one that is shown as the caption."""
    seen = [view.element("caption").textContent]
    items = []
    for candidate in found:
        if candidate.text in seen:
            continue
        seen.append(candidate.text)
        button = document.createElement("button")
        button.type = "button"
        button.className = "link"
        button.textContent = candidate.text
        button.addEventListener("click", _picker(candidate, found, on_pick))
        item = document.createElement("li")
        item.append(button)
        items.append(item)
    view.element("others").replaceChildren(*items)
    view.element("others-title").hidden = not items


def _picker(
    candidate: "Any", found: "list[Any]", on_pick: "Callable[[str, float], None]"
) -> "Callable[[Any], None]":
    return lambda _event: _pick(candidate, found, on_pick)


def _show_words(candidate: "Any") -> None:
    """Write a candidate as the caption; words on which the others disagree are marked."""
    caption = view.element("caption")
    parts = []
    for word in candidate.words:
        part = document.createElement("span")
        part.textContent = word.text
        if word.doubtful is True:
            part.className = "doubt"
        parts += [part, " "]
    caption.replaceChildren(*parts[:-1])
    if caption.textContent != candidate.text:  # its spaces are not plain ones
        caption.textContent = candidate.text or texts.NO_WORDS
    doubtful = any(word.doubtful is True for word in candidate.words)
    view.element("doubt-note").hidden = not doubtful


def _confidence(candidate: "Any") -> float:
    """The mean probability of a candidate's tokens, 0 to 1, as for the best one."""
    logprobs = [token.logprob for token in candidate.tokens]
    return math.exp(sum(logprobs) / len(logprobs)) if logprobs else 0.0
