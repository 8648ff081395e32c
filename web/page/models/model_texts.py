"""What the page says about models and their transfers, as plain functions.

Runs in MicroPython (the page) and in CPython (tests).
"""

from page import texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from page.js_data import Record

_PHASES = {
    "downloading": "Downloading",
    "checking": "Checking what is on this device",
    "other_tab": "Another tab is downloading",
    "importing": "Importing",
    "exporting": "Packing",
}


_NOT_KEPT = "not kept on this device: it is here until you leave the page."


def option(status: "Record") -> str:
    """A model in the list: ``"Starter (built in)"``, ``"ViT-GPT2 (248 MB, for photographs)"``."""
    if status.state == "builtin":
        return f"{status.name} (built in)"
    purpose = status.description.split(".")[0]
    return f"{status.name} ({texts.size(status.size_bytes)}, {purpose[:1].lower()}{purpose[1:]})"


def about(status: "Record", host: str) -> str:
    """What a person should know before, and after, a model is fetched."""
    size = texts.size(status.size_bytes)
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
        f"The link that you followed asks for the model {name}, which Seesay does not know. "
        f"Nothing has been fetched. Look it up at {host} only if you trust whoever sent the link."
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
        return f"Use {status.name}"
    return f"Use {status.name} ({texts.size(status.size_bytes)})"


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
