"""What programs that ask the endpoint may use: folders by a name, and other sites.

Runs in MicroPython.
"""

from jsffi import JsException
from pyscript import document, js_import, window

from page import view
from page.browser.events import listen, on

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

SCRIPT = "page/endpoint/grants.mjs"
NONE = "None yet."
BAD_NAME = "A name has letters, digits, - and _, and begins with a letter or a digit."
TAKEN = "There is a folder of that name already: revoke it first, or choose another name."
NOT_KEPT = "This browser keeps nothing for this site, so nothing can be granted for longer."
NOT_ALLOWED = "The browser did not allow that folder. Press “Allow again” once more, or revoke it."
NOT_REVOKED = "The browser could not forget that. Reload this page and try again."
_SIGNS = "abcdefghijklmnopqrstuvwxyz0123456789"


def is_alias(text: str) -> bool:
    """Whether a folder may have this name: as pycore/endpoint/request_path.py reads it."""
    return (
        0 < len(text) <= 64
        and text[0].lower() in _SIGNS
        and all(sign.lower() in _SIGNS + "_-" for sign in text)
    )


class Programs:
    """The panel, made from its template."""

    def __init__(self) -> None:
        self._grants: "Any" = None
        content = view.element("programs-view").content.cloneNode(True)
        view.element("programs-panel").replaceChildren(content)
        address = window.URL.new("api/caption/SOURCE", document.baseURI).href
        view.set_text("programs-address", address)
        # Chrome and Edge alone let a page keep the handle of a folder.
        view.element("grant-folder").hidden = not hasattr(window, "showDirectoryPicker")
        on("choose-folder", "click", self.choose)

    async def show(self) -> None:
        """List what is granted now."""
        try:
            grants = await self._opened()
            folders = await self._aliases()
            granted = await grants.sites()
            waiting = []
            for alias in folders:  # MicroPython awaits nothing inside a comprehension
                if not await grants.isReadable(alias):
                    waiting.append(alias)  # noqa: PERF401
        except JsException:
            view.set_text("programs-problem", NOT_KEPT)
            return
        self._list("folders", folders, waiting)
        self._list("sites", [one.site for one in granted], [])

    async def choose(self) -> None:
        """Grant a folder under the name that was typed."""
        alias = view.element("folder-alias").value.strip()
        view.set_text("programs-problem", "" if is_alias(alias) else BAD_NAME)
        if not is_alias(alias):
            return
        try:
            # First: browsers let a page ask for a folder only right after a click.
            handle = await window.showDirectoryPicker()
        except JsException:  # none was chosen
            return
        try:
            grants = await self._opened()
            if alias in await self._aliases():
                view.set_text("programs-problem", TAKEN)
                return
            await grants.grantFolder(alias, handle)
        except JsException:
            view.set_text("programs-problem", NOT_KEPT)
            return
        view.element("folder-alias").value = ""
        await self.show()

    async def _aliases(self) -> "list[str]":
        granted = await (await self._opened()).folders()
        return [one.alias for one in granted]

    async def _opened(self) -> "Any":
        if self._grants is None:
            modules = await js_import(window.URL.new(SCRIPT, document.baseURI).href)
            self._grants = modules[0]
        return self._grants

    def _list(self, store: str, names: "list[str]", waiting: "list[str]") -> None:
        place = view.element(f"granted-{store}")
        place.replaceChildren()
        for name in names:
            place.append(self._row(store, name, name in waiting))
        if not names:
            row = document.createElement("li")
            row.append(NONE)
            place.append(row)

    def _row(self, store: str, name: str, is_waiting: bool) -> "Any":
        row = document.createElement("li")
        row.append(name)
        if is_waiting:  # browsers forget after a while that a folder may be read
            row.append(_button("Allow again", name, lambda: self._allow(name)))
        row.append(_button("Revoke", name, lambda: self._revoke(store, name)))
        return row

    async def _allow(self, alias: str) -> None:
        view.set_text("programs-problem", "")
        try:
            await self._grants.askAgain(alias)
        except JsException:  # no click was near enough, or the folder is gone
            view.set_text("programs-problem", NOT_ALLOWED)
        await self.show()

    async def _revoke(self, store: str, name: str) -> None:
        view.set_text("programs-problem", "")
        try:
            await self._grants.revoke(store, name)
        except JsException:
            view.set_text("programs-problem", NOT_REVOKED)
            return
        await self.show()


def _button(text: str, name: str, act: "Callable[[], object]") -> "Any":
    button = document.createElement("button")
    button.type = "button"
    button.className = "link"
    button.textContent = text
    button.ariaLabel = f"{text}: {name}"
    listen(button, "click", act)
    return button
