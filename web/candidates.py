"""The captions to choose from, when the search was careful enough to find several.

Runs in MicroPython.
"""

import math

import view
import words
from pyscript import document


def show(found, on_shown):
    """Mark the doubtful words of the best candidate, and list the others.

    Args:
        found: Candidates of seesay.d.ts, best first.
        on_shown: called with the text of the candidate whose words have been written.
    """
    if found:
        _show_words(found[0])
        on_shown(found[0].text)
    _list(found, on_shown)


def _pick(chosen, found, on_shown):
    """Put a candidate in the place of the caption."""
    _show_words(chosen)
    on_shown(chosen.text)
    view.element("preview").alt = chosen.text
    confidence = _confidence(chosen)
    view.show_sureness(confidence, words.picked(confidence))
    _list(found, on_shown)
    view.element("copy").focus()


def _list(found, on_shown):
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
        button.addEventListener("click", _picker(candidate, found, on_shown))
        item = document.createElement("li")
        item.append(button)
        items.append(item)
    view.element("others").replaceChildren(*items)
    view.element("others-title").hidden = not items


def _picker(candidate, found, on_shown):
    return lambda _event: _pick(candidate, found, on_shown)


def _show_words(candidate):
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
        caption.textContent = candidate.text or words.NO_WORDS
    doubtful = any(word.doubtful is True for word in candidate.words)
    view.element("doubt-note").hidden = not doubtful


def _confidence(candidate):
    """The mean probability of a candidate's tokens, 0 to 1, as for the best one."""
    logprobs = [token.logprob for token in candidate.tokens]
    return math.exp(sum(logprobs) / len(logprobs)) if logprobs else 0.0
