"""The list's part of the document: one row an image, their progress, what was copied.

Runs in MicroPython. Texts are set as text, never as markup.
"""

from pyscript import document, ffi, window

from page import texts
from page.list import gallery_texts
from page.view import element, fill_bar, set_text


def show(count):
    """Show the list of so many images."""
    document.body.setAttribute("data-many", "")
    element("gallery").hidden = False
    set_text("gallery-title", gallery_texts.images(count))


def clear():
    """No list any more."""
    document.body.removeAttribute("data-many")
    element("gallery").hidden = True
    element("rows").replaceChildren()
    enable_copy_all(False)
    show_copied("")


def _make(tag, name):
    made = document.createElement(tag)
    made.className = name
    return made


def add_row(index, entry):
    """Append the row of an entry."""
    row = _make("li", "row")
    row.setAttribute("data-index", str(index))
    opener = _make("button", "row-open")
    opener.type = "button"
    thumb = _make("span", "thumb")
    thumb.setAttribute("aria-hidden", "true")
    name = _make("span", "row-name")
    name.textContent = entry.name
    name.title = entry.name
    lines = _make("span", "row-lines")
    lines.append(name, _make("span", "row-facts"), _make("span", "row-text"))
    opener.append(thumb, lines)
    if entry.picture:
        thumb.setAttribute("data-format", entry.picture.format)
        image = document.createElement("img")
        image.alt = ""
        image.loading = "lazy"
        image.decoding = "async"
        image.src = entry.picture.url
        thumb.append(image)
    foot = _make("div", "row-foot")
    copy = _make("button", "button row-copy")
    copy.type = "button"
    copy.textContent = gallery_texts.COPY
    copy.setAttribute("aria-label", gallery_texts.copy_of(entry.name))
    foot.append(_make("span", "row-state"), copy)
    row.append(opener, foot)
    element("rows").append(row)
    update_row(index, entry)


def update_row(index, entry):
    """Write what there is to say about an entry."""
    row = element("rows").children[index]
    state = entry.state
    row.setAttribute("data-state", state)
    row.classList.toggle("guessed", entry.is_flagged and state == "done")
    image = row.querySelector("img")
    if image and not entry.picture.url:
        image.remove()
    row.querySelector(".row-facts").textContent = entry.facts()
    row.querySelector(".row-text").textContent = entry.text
    row.querySelector(".row-state").textContent = gallery_texts.state(
        state, entry.sureness, entry.is_flagged
    )
    copy = row.querySelector(".row-copy")
    copy.hidden = not entry.caption
    copy.textContent = gallery_texts.COPY


def mark_shown(index):
    """Mark the row whose image is in the frame."""
    for i, row in enumerate(element("rows").children):
        opener = row.firstElementChild
        if i == index:
            opener.setAttribute("aria-current", "true")
        else:
            opener.removeAttribute("aria-current")


def reveal_frame():
    """Bring the frame into view, where it is not."""
    still = window.matchMedia("(prefers-reduced-motion: reduce)").matches
    frame = element("frame")
    if frame.getBoundingClientRect().top < 0:
        frame.scrollIntoView(ffi.to_js({"behavior": "auto" if still else "smooth"}))


def row_index(target):
    """Which row an element belongs to; -1 for none."""
    row = target.closest(".row")
    return int(row.getAttribute("data-index")) if row else -1


def is_copy(target):
    """Whether an element is a row's button that copies."""
    return bool(target.closest(".row-copy"))


def is_opener(target):
    """Whether an element is part of a row's button that shows the image."""
    return bool(target.closest(".row-open"))


def focus_row(index):
    """Move the focus to a row."""
    element("rows").children[index].firstElementChild.focus()


def show_progress(ended, total, doing):
    """How many images have ended, and what keeps the next one waiting."""
    text = gallery_texts.progress(ended, total, doing)
    element("all-progress").hidden = False
    set_text("all-doing", text)
    fill_bar("all-progress", text, ended, total if ended else 0)


def hide_progress(outcome):
    """No image is being captioned; say how they ended."""
    element("all-progress").hidden = True
    set_text("all-doing", outcome)


def enable_copy_all(enabled):
    """Let all captions be copied, or not yet."""
    element("copy-all").disabled = not enabled


def show_copied(said, index=None):
    """Say on the button what came of copying, or beside the list if it takes a sentence.

    Args:
        said: words for people, or "" to take back what was said before.
        index: of the row; None for all rows.
    """
    for button in document.querySelectorAll(".row-copy"):
        button.textContent = gallery_texts.COPY
    set_text("copy-all", gallery_texts.COPY_ALL)
    is_copied = said == texts.COPIED
    set_text("not-copied", "" if is_copied else said)
    element("captions").hidden = is_copied or index is not None or not said
    if is_copied and index is None:
        set_text("copy-all", said)
    elif is_copied:
        element("rows").children[index].querySelector(".row-copy").textContent = said


def caption_element(index):
    """The element that holds a row's caption."""
    return element("rows").children[index].querySelector(".row-text")


def select_all(text):
    """Write all captions into a field of their own, and select them."""
    field = element("captions")
    field.hidden = False
    field.value = text
    field.select()
