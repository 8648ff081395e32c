"""What the library keeps on this device, how it goes out and in, and how to take it away.

Runs in MicroPython.
"""

from jsffi import JsException
from pyscript import window

from page import view
from page.browser.confirm import confirm
from page.browser.events import on
from page.browser.file_field import take_file
from page.library import library_texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from page.library.keeper import Keeper
    from page.library.shelf import Shelf


class KeptPanel:
    """The switch, the size, export, import, and deleting all."""

    def __init__(
        self,
        keeper: "Keeper",
        shelf: "Shelf",
        halt: "Callable[[], Awaitable[None]]",
        on_change: "Callable[[], Awaitable[None]]",
        on_problem: "Callable[[JsException], object]",
    ) -> None:
        """Take three functions beside Keeper and Shelf.

        ``halt()`` is a coroutine: whatever writes into the library stops, until ``on_change``.
        ``on_change()`` is a coroutine: the library has another content, or is gone.
        ``on_problem(error)`` tells why something failed.
        """
        self._keeper = keeper
        self._shelf = shelf
        self._halt = halt
        self._on_change = on_change
        self._on_problem = on_problem

    def listen(self) -> None:
        """Connect the controls."""
        on("kept-switch", "change", self.switch_off)
        on("library-export", "click", self.export)
        on("library-import", "click", lambda: view.element("library-file").click())
        on("library-file", "change", self.replace)

    def _count(self) -> int:
        return self._shelf.counts.get("image", {}).get("all", 0)

    async def refresh(self) -> None:
        """Say how much is kept."""
        view.element("kept-switch").checked = self._keeper.choice == "on"
        library = await self._keeper.library()
        try:
            text = library_texts.kept(self._count(), await library.size_bytes())
        except JsException as error:
            self._on_problem(error)
        else:
            view.set_text("kept-size", text)

    async def switch_off(self) -> None:
        """Take everything away, once a person has said so twice."""
        view.element("kept-switch").checked = True  # until it is done
        if not await confirm(library_texts.ask_erase(self._count()), "Delete all"):
            return
        try:
            await self._halt()
            await self._keeper.erase()
        except JsException as error:
            await self._on_change()
            self._on_problem(error)
            return
        self._shelf.grid.clear()
        view.announce(library_texts.ERASED)
        await self._on_change()

    async def export(self) -> None:
        """Hand the library over as one file."""
        date = window.Date.new().toISOString()[:10]
        try:
            await self._keeper.link.save(f"seesay-library-{date}.sqlite")
        except JsException as error:
            self._on_problem(error)

    def _say_progress(self, stage: str, percent: int) -> None:
        view.set_text("kept-size", library_texts.taking_in(stage, percent))

    async def replace(self) -> None:
        """Put a library from a file in the place of this one, once a person has said so."""
        file = take_file("library-file")
        if file is None:
            return
        count = self._count()
        if count and not await confirm(library_texts.ask_replace(count), "Replace"):
            return
        problem = None
        try:
            await self._halt()
            await self._keeper.link.replace(file, self._say_progress)
            self._keeper.forget()
        except JsException as error:
            problem = error
        await self._on_change()
        if problem:
            self._on_problem(problem)
