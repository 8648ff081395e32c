"""Working without a network: the service worker, its updates, and how much is kept.

Runs in MicroPython.
"""

import json

from jsffi import JsException
from pyscript import ffi, window

from page import texts, view
from page.browser.events import on, start

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


PATIENCE_MS = 10_000  # with a worker that is ready, but has many images before the built-in model


async def keep(captioner: "Any", warm: "Any") -> None:
    """Register the service worker; once the built-in model is loaded, have the rest kept as well.

    Not sooner: looking through all files would take its time from the first caption. So would the
    installation, where nothing is kept yet; where something is, there may be a new version.

    Where that cannot be, the page works with the network alone, and says so.

    Args:
        captioner: the JavaScript API.
        warm: a promise that is kept when the page has done its part in warming up.
    """
    container: "Any" = getattr(window.navigator, "serviceWorker", None)
    registration = None
    if container:
        updates = Updates(container, captioner.models)
    else:  # some private windows; every page at an insecure address
        _show_off(texts.BLOCKED if window.isSecureContext else texts.INSECURE)
    is_kept = bool(container and container.controller)
    if is_kept:
        registration = await _register(updates)
    is_ready = await _warmed_up(captioner, warm)
    if container and not is_kept:
        registration = await _register(updates)
    if not is_ready:  # the page says so elsewhere
        return
    if registration:
        ready = await container.ready  # never, where the installation fails: see on_message
        _tell(ready.active, "fill")
    else:
        await show_storage(captioner.models)


async def _warmed_up(captioner: "Any", warm: "Any") -> bool:
    """Wait until the first caption has had its time; return whether there can be one."""
    try:
        await captioner.ready
    except JsException:
        return False
    patience = window.Promise.new(lambda end, _fail: window.setTimeout(end, PATIENCE_MS))
    await window.Promise.race(ffi.to_js([warm, patience]))
    return True


async def _register(updates: "Updates") -> "Any":
    """Return the service worker's registration; None where there can be none, which is said."""
    container = updates.container
    try:
        registration = await container.register("service_worker.js")
    except JsException as error:
        _, kind, message = error.args
        is_script = kind == "TypeError" or "MIME" in message  # it did not come, or as another type
        # So Chromium calls it where nobody answered.
        is_lost = not window.navigator.onLine or "unknown error" in message
        if container.controller:
            pass  # this visit has its files from the one before
        elif is_script and is_lost:
            view.show_offline(texts.offline_incomplete(texts.CONNECTION))
        else:
            _show_off(texts.NO_SERVICE_WORKER if is_script else texts.BLOCKED)
        return None
    if registration:  # there is none where something keeps service workers away without a word
        updates.watch(registration)
    return registration


def _show_off(reason: str) -> None:
    view.show_offline(texts.offline_off(reason), False)


class Updates:
    """Offers a new version once all of it is here; never changes a page unasked.

    Attributes:
        container: navigator.serviceWorker, which may have messages before it has a registration.
        models: of the captioner; they know how much is kept.
        registration: the service worker's registration.
        asked: whether the person chose to update.
    """

    def __init__(self, container: "Any", models: "Any") -> None:
        self.container = container
        self.models = models
        self.registration: "Any" = None
        self.asked = False
        container.addEventListener("message", self.on_message)

    def watch(self, registration: "Any") -> None:
        """Follow the service workers from now on."""
        self.registration = registration
        self.container.addEventListener("controllerchange", self.on_change)
        self.registration.addEventListener("updatefound", lambda _event: self.follow())
        on("update-now", "click", self.on_update)
        self.follow()

    def follow(self) -> None:
        """Wait for an update that is being installed; prepare one that waits."""
        if self.registration.waiting:
            self.prepare()
        elif self.registration.installing:
            self.registration.installing.addEventListener("statechange", self.on_state)

    def on_state(self, event: "Any") -> None:
        """An installation went on."""
        if event.target.state == "installed":
            self.prepare()

    def prepare(self) -> None:
        """Have the waiting version fetch what it lacks, so that updating needs no network."""
        if self.registration.waiting and self.container.controller:
            _tell(self.registration.waiting, "prepare")

    def on_message(self, event: "Any") -> None:
        """A service worker answered."""
        kind = event.data.kind
        if kind == "filled":
            view.show_offline(texts.OFFLINE_READY)
            start(show_storage(self.models))
        elif kind == "incomplete":
            view.show_offline(texts.offline_incomplete(event.data.reason))
            start(show_storage(self.models))
        elif kind == "refused":
            _show_off(event.data.reason)
            start(show_storage(self.models))
        elif kind == "unprepared":
            view.show_offline(texts.update_failed(event.data.reason))
        elif kind == "prepared":
            view.show_update(texts.UPDATE)
        elif kind == "busy":
            view.show_update(texts.OTHER_TABS)

    def on_update(self) -> None:
        """Update now; where the new version has taken over already, its page is all that lacks."""
        self.asked = True
        if self.registration.waiting:
            _tell(self.registration.waiting, "activate")
        else:
            window.location.reload()

    def on_change(self, _event: "Any") -> None:
        """The new version has taken over: load its page."""
        if self.asked:
            window.location.reload()


async def show_storage(models: "Any") -> None:
    """Show how much of this device Seesay takes."""
    try:
        listed = await models.list()
    except JsException:  # the page says so elsewhere
        return
    # As text, because whole numbers from JavaScript wrap beyond 32 bits.
    storage = json.loads(window.JSON.stringify(listed.storage))
    view.show_storage(texts.kept(float(storage.get("used_bytes") or 0)))


def _tell(worker: "Any", kind: str) -> None:
    worker.postMessage(ffi.to_js({"kind": kind}))
