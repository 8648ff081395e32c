"""The model's part of the document: the list, the card of the chosen model, its transfer.

Runs in MicroPython. Texts are set as text, never as markup.
"""

from pyscript import document

from page.view import element, fill_bar, set_text

BUTTONS = ("look-up", "download", "pause", "discard", "stop", "import", "export", "remove")


def show_models(options: list[tuple[str, str]], chosen: str) -> None:
    """Fill the list with pairs of value and text."""
    select = element("model")
    select.replaceChildren()
    for value, text in options:
        option = document.createElement("option")
        option.value = value
        option.textContent = text
        select.append(option)
    select.value = chosen


def show_starter() -> None:
    """The built-in model needs no card."""
    element("model-hint").hidden = False
    element("model-card").hidden = True


def _show_card(about: str, actions: tuple[str, ...]) -> None:
    """Show the card with one text and these of its buttons."""
    element("model-hint").hidden = True
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
