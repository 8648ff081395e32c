"""Everything that is written into the document; no decisions, no state of its own.

Runs in MicroPython. Texts are set as text, never as markup.
"""

from pyscript import document, ffi, window

from page import texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from jsffi import JsException


def element(name: str) -> "Any":
    """The element with this id."""
    return document.getElementById(name)


def _phase(name: str) -> None:
    document.body.setAttribute("data-phase", name)


def set_text(name: str, text: str) -> None:
    """Replace what the element with this id says."""
    element(name).textContent = text


def show_list(name: str, sentences: list[str]) -> None:
    """Write sentences as the items of a list."""
    items = []
    for sentence_ in sentences:
        item = document.createElement("li")
        item.textContent = sentence_
        items.append(item)
    element(name).replaceChildren(*items)


def _has_focus(name: str) -> bool:
    return document.activeElement is not None and document.activeElement.id == name


def show_view(name: str) -> None:
    """Show "captions", "library", "documents" or "rules"; the style sheet hides the others."""
    document.documentElement.setAttribute("data-view", name)
    document.title = texts.TITLES[name]
    for one in ("captions", "library", "documents", "rules"):
        link = element(f"to-{one}")
        if one == name:
            link.setAttribute("aria-current", "page")
        else:
            link.removeAttribute("aria-current")


def show_not_kept(sentence: str) -> None:
    """Say why a caption was not kept on this device."""
    element("not-kept").hidden = not sentence
    set_text("not-kept", sentence)


def show_running() -> None:
    """Mark the page as running, for tests and measurements: its events are heard."""
    document.body.setAttribute("data-running", "")


def fill_bar(name: str, text: str, loaded: float, total: float) -> None:
    """Fill a progress bar: a share where the total is known, else a moving bar."""
    bar = element(name)
    bar.setAttribute("aria-valuetext", text)
    if total:
        bar.value = min(1, loaded / total)
    else:
        bar.removeAttribute("value")


def announce(text: str) -> None:
    """Say something through the screen reader; it is not shown."""
    set_text("announcer", text)


def show_problem(sentence: str) -> None:
    """Show one sentence about what went wrong, or "" for none."""
    set_text("problem", sentence)
    element("placeholder").hidden = bool(sentence) or bool(element("caption").textContent)


def show_picture(name: str, url: str, facts: str) -> None:
    """Put an image into the frame.

    ``url`` is "" where the browser cannot show it; ``facts`` where the file is no image.
    """
    preview = element("preview")
    preview.hidden = not url
    preview.alt = f"Your image: {texts.isolated(name)}"
    if url:
        preview.src = url
    else:
        preview.removeAttribute("src")
    element("invite").hidden = bool(url)
    set_text("invite-title", texts.NO_PREVIEW if facts else texts.NO_IMAGE)
    set_text("file-name", name)
    show_facts(facts)
    clear_result()
    _phase("ready")
    element("reset").disabled = False


def show_facts(facts: str) -> None:
    """Format, dimensions and size of the image."""
    set_text("file-facts", facts)


def reveal(name: str) -> None:
    """Bring the element with this id into view, where it is not, by the shortest way."""
    still = window.matchMedia("(prefers-reduced-motion: reduce)").matches
    how = {"behavior": "auto" if still else "smooth", "block": "nearest"}
    element(name).scrollIntoView(ffi.to_js(how))


def enable_generate(enabled: bool) -> None:
    """Let a caption be asked for, or not yet."""
    element("generate").disabled = not enabled


def clear_picture() -> None:
    """Back to the empty frame."""
    preview = element("preview")
    preview.hidden = True
    preview.removeAttribute("src")
    preview.alt = ""
    element("invite").hidden = False
    set_text("invite-title", "Drop an image here")
    set_text("file-name", "")
    set_text("file-facts", "")
    clear_result()
    _phase("empty")
    element("reset").disabled = True


def clear_result() -> None:
    """No caption, no problem."""
    set_text("caption", "")
    element("doubt-note").hidden = True
    element("notes").hidden = True
    element("caption").classList.remove("doubtful")
    element("result").hidden = True
    element("copy").hidden = True
    element("look").hidden = True
    element("heat").hidden = True
    set_text("copied", "")
    show_problem("")


def show_working() -> None:
    """The caption of the image in the frame is being made."""
    clear_result()
    _phase("working")
    element("caption").setAttribute("aria-busy", "true")
    element("work").hidden = False
    offer_cancel()
    reveal("caption")


def offer_cancel() -> None:
    """There is something to cancel, and nothing else to begin."""
    had_focus = _has_focus("generate")
    element("generate").hidden = True
    element("cancel").hidden = False
    if had_focus:
        element("cancel").focus()


def show_idle() -> None:
    """Nothing is being made any more; there is still an image."""
    if document.body.getAttribute("data-phase") == "working":
        _phase("ready")
    had_focus = _has_focus("cancel")
    element("caption").removeAttribute("aria-busy")
    element("work").hidden = True
    element("cancel").hidden = True
    element("generate").hidden = False
    if had_focus:
        element("generate").focus()


def show_stage(name: str) -> None:
    """Mark one stage of the list as the present one, and those before it as done."""
    present = texts.STAGES.index(name)
    for i, item in enumerate(element("stages").children):
        item.className = "done" if i < present else "present" if i == present else ""
        if i == present:
            item.setAttribute("aria-current", "step")
        else:
            item.removeAttribute("aria-current")


def show_progress(text: str, loaded: float, total: float) -> None:
    """How far the present stage has come."""
    set_text("doing", text)
    fill_bar("progress", text, loaded, total)


def show_in_file(text: str) -> None:
    """What the image's file says already, or ""."""
    set_text("in-file", text)
    element("in-file").hidden = not text


def show_placeholder(text: str) -> None:
    """What stands in the caption's place until there is one."""
    set_text("placeholder", text)


def show_words(text: str) -> None:
    """The caption so far."""
    set_text("caption", text)
    element("placeholder").hidden = True


def show_result(caption: str, guess: str, took: str) -> None:
    """The finished caption; ``guess`` is "" where the model is sure enough."""
    show_words(caption)
    _phase("done")
    element("preview").alt = caption
    if guess:
        element("caption").classList.add("doubtful")
    element("guess").hidden = not guess
    set_text("guess-text", guess)
    set_text("took", took)
    element("result").hidden = False
    element("copy").hidden = False


def show_notes(sentences: list[str]) -> None:
    """What a person should know about the image; most often nothing."""
    set_text("notes", " ".join(sentences))
    element("notes").hidden = not sentences


def show_suggested_model(text: str) -> None:
    """The button that leads to a better model, or "" if there is none."""
    element("suggested-model").hidden = not text
    set_text("suggested-model", text)


def show_sureness(confidence: float, text: str) -> None:
    """Confidence, 0 to 1, as a bar and in words."""
    element("meter").value = confidence
    set_text("confidence", text)


def show_copied(text: str) -> None:
    """What became of the copy, beside the button; spoken as well."""
    set_text("copied", text)


def show_look(is_on: bool) -> None:
    """The button that turns heat maps on and off."""
    element("look").hidden = False
    element("look").setAttribute("aria-pressed", "true" if is_on else "false")


def hide_look() -> None:
    """There is nothing that heat maps could show."""
    element("look").hidden = True
    show_look_hint("")


def show_look_hint(text: str) -> None:
    """How to use the heat maps, or why there are none; spoken when it is news."""
    if text and element("look-hint").textContent != text:
        announce(text)
    set_text("look-hint", text)


def select(target: "Any") -> None:
    """Select the text in an element, for copying it by other means."""
    window.getSelection().selectAllChildren(target)


def show_warmup(text: str) -> None:
    """How the start in the background is going; "" when it is over."""
    set_text("warmup", text)


def show_diagnostics(memory: str, text: str) -> None:
    """Fill the diagnostics panel: peak memory in words, and everything for a bug report."""
    set_text("memory", memory)
    set_text("diagnostics-text", text)


def show_update(text: str) -> None:
    """Offer a new version, with one sentence."""
    element("update").hidden = False
    set_text("update-text", text)


def show_offline(text: str, is_promised: bool = True) -> None:
    """Say how it stands with offline use; where it is off, the promise above is taken back."""
    set_text("offline", text)
    element("promise").hidden = not is_promised


def offline() -> str:
    """What the page says about offline use."""
    text: str = element("offline").textContent
    return text


def show_storage(text: str) -> None:
    """How much is kept on this device."""
    set_text("storage", text)


def sentence(error: "JsException") -> str:
    """The sentence for the person in what the JavaScript API rejected with.

    Only its own errors are written for people. Of others it is told apart where a script did not
    come, which all browsers say in words of their own; anything else is a fault of ours.
    """
    _, kind, message = error.args
    if kind == "TypeError" and " module" in message:
        return texts.NOT_LOADED
    return message if kind == "SeesayError" else texts.UNEXPECTED
