"""What the page says about models and their transfers, as plain functions.

Runs in MicroPython (the page) and in CPython (tests).
"""

from page import texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from page.browser.js_data import Record

_PHASES = {
    "downloading": "Downloading",
    "checking": "Checking what is on this device",
    "other_tab": "Another tab is downloading",
    "importing": "Importing",
    "exporting": "Packing",
}


NAMES = {"starter": "Starter", "vit-gpt2": "Quick", "florence-2": "Thorough"}
"""What the page calls the models of the catalogue."""

GOOD_FOR = {
    "starter": "Drawings and emoji. Names what photographs show, and reads pages of text.",
    "vit-gpt2": "One sentence about a photograph.",
    "florence-2": "The best sentences about photographs, long descriptions, words in pictures.",
}
_TYPICAL = {
    "starter": "at once",
    "vit-gpt2": "about a second on a laptop",
    "florence-2": "several seconds",
}
"""Where nothing was measured on this device."""

_LONG_MS = 15_000
"""Of a caption: a model that takes longer is not what a person is led to."""

_NOT_KEPT = "not kept on this device: it is here until you leave the page."


def name(status: "Record") -> str:
    """What a model is called here: ``"Quick"``."""
    return NAMES.get(status.model) or str(status.name)


def place(status: "Record") -> str:
    """Whether a model is here: ``"built in"``, ``"kept on this device"``, ``"248 MB to fetch"``."""
    if status.state == "builtin":
        return "built in"
    if status.state == "ready":
        return "here until you leave" if status.in_memory else "kept on this device"
    size = texts.size(status.size_bytes)
    return f"{size} to fetch" if status.state == "absent" else f"{size}, partly here"


def pace(model: str, measured_ms: float, reckoned_ms: float, other: str) -> str:
    """How long a caption takes: as measured here, as reckoned from another model, or typically."""
    if measured_ms:
        return f"{texts.seconds(measured_ms)} here"
    if reckoned_ms:
        return f"about {_rounded(reckoned_ms)} here, reckoned from {NAMES[other]}"
    typical = _TYPICAL.get(model, "")
    return typical if model == "starter" or not typical else f"{typical}, not yet measured here"


def _rounded(duration_ms: float) -> str:
    """A duration that is no more than likely: ``"half a second"``, ``"5 seconds"``."""
    if duration_ms < 750:
        return "half a second"
    count = int(duration_ms / 1000 + 0.5)
    return "a second" if count == 1 else f"{count} seconds"


def for_photographs(states: "dict[str, str]", thorough_ms: float) -> str:
    """Name of the model that a person with a photograph is led to: one that is here goes first."""
    best = "florence-2" if thorough_ms <= _LONG_MS else "vit-gpt2"
    by_merit = [name for name in (best, "vit-gpt2") if name in states]
    return ([name for name in by_merit if states[name] == "ready"] + by_merit + [""])[0]


def advice(kind: str, chosen: str, states: "dict[str, str]", thorough_ms: float) -> str:
    """One sentence on which model suits the picture and the device.

    Args:
        kind: of the picture in the frame, as in CaptionResult; "" where nobody knows.
        chosen: name of the model.
        states: of the models that are offered, by name.
        thorough_ms: what a caption of the thorough one takes here; 0 where that is unknown.
    """
    has_thorough = "florence-2" in states and thorough_ms <= _LONG_MS
    best = for_photographs(states, thorough_ms)
    if kind == "photograph" and chosen == "starter" and best:
        where = " It is on this device." if states.get(best) == "ready" else ""
        return f"This looks like a photograph: {NAMES[best]} describes it better.{where}"
    if kind == "photograph" and chosen == "vit-gpt2" and has_thorough:
        return "This looks like a photograph: Thorough is right more often, and takes longer."
    if kind == "drawing" and chosen != "starter":
        return "This looks like a drawing: Starter is made for those."
    if kind == "text" and chosen != "starter":
        return "This looks like text: Starter reads it."
    if "florence-2" not in states:
        return "Starter for drawings and text, Quick for photographs: Thorough needs more memory."
    if not has_thorough:
        return "Starter for drawings and text, Quick for photographs: Thorough is slow here."
    return "Starter for drawings and text; for photographs Quick, better still Thorough."


def about(status: "Record", host: str) -> str:
    """What a person should know before, and after, a model is fetched."""
    size = texts.size(status.size_bytes)
    named = f"{status.name}. " if status.model in NAMES else ""
    return named + _about(status, host, size)


def _about(status: "Record", host: str, size: str) -> str:
    licence = f" Licence: {status.licence}." if status.licence else " Licence: unknown."
    if status.state == "ready":
        if status.in_memory:
            return f"Ready and checked, but {_NOT_KEPT}"
        return f"Ready: {size} on this device, checked.{licence}"
    source = "this site" if status.hosted else host
    text = f"Fetched once from {source}, checked, and kept on this device: {size}.{licence}"
    if status.in_memory:
        text = f"Fetched from {source} and checked, but {_NOT_KEPT} {size}.{licence}"
    if status.state == "partial":
        return f"{text} {texts.size(status.stored_bytes)} of it are here already."
    return text


def unknown(name: str, host: str) -> str:
    """A model that a link asks for."""
    return (
        f"The link that you followed asks for the model {texts.isolated(name)}, which Seesay does "
        f"not know. Nothing has been fetched. Look it up at {host} only if you trust whoever sent "
        "the link."
    )


def download(status: "Record") -> str:
    """The button that starts or goes on with a download."""
    if status.state == "partial":
        return f"Resume, {texts.size(status.size_bytes - status.stored_bytes)} left"
    return f"Download {texts.size(status.size_bytes)}"


def transfer(event: "Record") -> str:
    """How a transfer is going: bytes, speed, time left; or what it waits for."""
    if event.phase == "waiting":
        retry_in_s = _number(event, "retry_in_s")
        wait = f" Trying again in {retry_in_s:.0f} s." if retry_in_s else ""
        return f"{event.message}{wait}"
    parts = [f"{texts.size(event.loaded)} of {texts.size(event.total)}"]
    if event.source == "device" and event.phase == "downloading":
        parts.append("from this device")
    elif _number(event, "speed_bytes_per_s"):
        parts.append(f"{texts.size(event.speed_bytes_per_s)} a second")
        if _number(event, "seconds_left") is not None:
            parts.append(f"{time_left(event.seconds_left)} left")
    if getattr(event, "in_memory", False):
        parts.append("in memory only: this device keeps no more")
    return f"{_PHASES.get(event.phase, 'Loading')}: {', '.join(parts)}"


def _number(event: "Record", name: str) -> "Any":
    """A field that may be missing or null."""
    return getattr(event, name, None)


def time_left(seconds: float) -> str:
    """Seconds as ``"40 s"`` or ``"3 minutes"``."""
    if seconds < 90:
        return f"{max(1, seconds):.0f} s"
    return f"{seconds / 60:.0f} minutes"


def suggested_model(status: "Record") -> str:
    """The button beside a guess that leads to a better model."""
    if status.state == "ready":
        return f"Use {name(status)}"
    return f"Use {name(status)} ({texts.size(status.size_bytes)})"


def outcome(status: "Record | None", success: str) -> str:
    """What is said aloud when something with a model has ended; success is for a ready one."""
    if not status:
        return ""
    if status.state == "ready":
        return success
    if status.state == "partial":
        return "Stopped. What has arrived is kept."
    return "The model is not on this device."


READY = "The model is ready."
EXPORTED = "The model is saved as a zip file, for import on another machine."
