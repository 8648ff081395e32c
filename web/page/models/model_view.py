"""The model's part of the document: the list, the card of the chosen model, its transfer.

Runs in MicroPython. Texts are set as text, never as markup.
"""

from pyscript import document

from page.view import element, fill_bar, set_text

BUTTONS = ("look-up", "download", "pause", "discard", "stop", "import", "export", "remove")


def show_models(rows: list[tuple[str, str, str, str]], chosen: str) -> None:
    """Fill the list of models.

    Args:
        rows: for each its value, its name, facts about it, and what it is good for.
        chosen: value of the one that is chosen.
    """
    had_focus = element("model-choices").contains(document.activeElement)
    choices = []
    for value, name, facts, purpose in rows:
        row = element("model-choice").content.firstElementChild.cloneNode(True)
        field = row.querySelector("input")
        field.value = value
        field.checked = value == chosen
        for place, text in (("name", name), ("facts", facts), ("purpose", purpose)):
            row.querySelector(f".model-{place}").textContent = text
        choices.append(row)
    element("model-choices").replaceChildren(*choices)
    if had_focus:
        choose(chosen, True)


def chosen() -> str:
    """The value of the model that is chosen."""
    for field in element("model-choices").querySelectorAll("input"):
        if field.checked:
            return str(field.value)
    return ""


def choose(value: str, has_focus: bool = False) -> None:
    """Choose a model of the list."""
    for field in element("model-choices").querySelectorAll("input"):
        if field.value == value:
            field.checked = True
            if has_focus:
                field.focus()


def close() -> bool:
    """Close the list of models; return whether it was open."""
    was_open = bool(element("models").open)
    if was_open:
        element("models").open = False
        element("model").focus()
    return was_open


def show_chosen(name: str, facts: str) -> None:
    """Say which model is chosen, where the list is closed."""
    set_text("model-chosen", name)
    set_text("model-facts", facts)


def show_advice(sentence: str) -> None:
    """One sentence on which model suits."""
    set_text("model-hint", sentence)


def show_starter() -> None:
    """The built-in model needs no card."""
    element("model-card").hidden = True


def _show_card(about: str, actions: tuple[str, ...]) -> None:
    """Show the card with one text and these of its buttons."""
    element("model-card").hidden = False
    set_text("model-about", about)
    for name in BUTTONS:
        element(name).hidden = name not in actions
    moving = "stop" in actions or "pause" in actions
    element("transfer").hidden = not moving
    element("transfer-text").hidden = not moving


def show_unknown(about: str) -> None:
    """A model that only a link names."""
    _show_card(about, ("look-up",))
    element("model-source").hidden = True


def show_model(about: str, source_url: str, actions: tuple[str, ...], download: str) -> None:
    """A model that must be fetched, or that was.

    Args:
        about: text.
        source_url: of a page about it.
        actions: ids of the buttons to show.
        download: text of the button that fetches it.
    """
    _show_card(about, actions)
    element("model-source").hidden = False
    element("model-source").href = source_url
    set_text("download", download)


def show_transfer(text: str, loaded: float, total: float) -> None:
    """How a transfer goes."""
    set_text("transfer-text", text)
    fill_bar("transfer", text, loaded, total)


def show_problem(sentence: str) -> None:
    """One sentence about what went wrong with a model, or "" for none."""
    set_text("model-problem", sentence)


def focus() -> None:
    """Lead the keyboard, and the eye, to the first button of the card."""
    for name in BUTTONS:
        if not element(name).hidden:
            element(name).focus()
            return
