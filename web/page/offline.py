"""Working without a network: the service worker, its updates, and how much is kept.

Runs in MicroPython.
"""

import json

from jsffi import JsException
from pyscript import ffi, window

from page import texts, view
from page.events import on, start


async def keep(captioner):
    """Register the service worker; once the captioner runs, have the rest kept as well.

    Does nothing where service workers are missing (insecure addresses, some private windows): the
    page then works with the network alone.
    """
    container = getattr(window.navigator, "serviceWorker", None)
    if not container:
        return
    try:
        registration = await container.register("service_worker.js")
    except JsException:  # SecurityError: storage is off
        return
    Updates(container, registration).watch()
    try:
        await captioner.ready
    except JsException:  # the page says so elsewhere
        return
    ready = await container.ready  # never, where the installation fails: then there is no offline
    _tell(ready.active, "fill")


class Updates:
    """Offers a new version once all of it is here; never changes a page unasked.

    Attributes:
        container: navigator.serviceWorker.
        registration: the service worker's registration.
        asked: whether the person chose to update.
    """

    def __init__(self, container, registration):
        self.container = container
        self.registration = registration
        self.asked = False

    def watch(self):
        """Follow the service workers from now on."""
        self.container.addEventListener("message", self.on_message)
        self.container.addEventListener("controllerchange", self.on_change)
        self.registration.addEventListener("updatefound", lambda _event: self.follow())
        on("update-now", "click", self.on_update)
        self.follow()

    def follow(self):
        """Wait for an update that is being installed; prepare one that waits."""
        if self.registration.waiting:
            self.prepare()
        elif self.registration.installing:
            self.registration.installing.addEventListener("statechange", self.on_state)

    def on_state(self, event):
        """An installation went on."""
        if event.target.state == "installed":
            self.prepare()

    def prepare(self):
        """Have the waiting version fetch what it lacks, so that updating needs no network."""
        if self.registration.waiting and self.container.controller:
            _tell(self.registration.waiting, "prepare")

    def on_message(self, event):
        """A service worker answered."""
        kind = event.data.kind
        if kind == "filled":
            view.show_offline(texts.OFFLINE_READY)
            start(show_storage())
        elif kind == "prepared":
            view.show_update(texts.UPDATE)
        elif kind == "busy":
            view.show_update(texts.OTHER_TABS)

    def on_update(self):
        """Update now; where the new version has taken over already, its page is all that lacks."""
        self.asked = True
        if self.registration.waiting:
            _tell(self.registration.waiting, "activate")
        else:
            window.location.reload()

    def on_change(self, _event):
        """The new version has taken over: load its page."""
        if self.asked:
            window.location.reload()


async def show_storage():
    """Show how much of this device Seesay takes."""
    storage = getattr(window.navigator, "storage", None)  # WebKitGTK 2.50 has none
    if storage:
        # As text, because whole numbers from JavaScript wrap beyond 32 bits.
        estimate = json.loads(window.JSON.stringify(await storage.estimate(), None, ""))
        view.show_storage(texts.kept(float(estimate["usage"])))


def _tell(worker, kind):
    worker.postMessage(ffi.to_js({"kind": kind}))
