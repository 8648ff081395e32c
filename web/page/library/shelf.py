"""The list of the library: search, filters, order, what is selected.

Runs in MicroPython.
"""

import json

from jsffi import JsException
from pyscript import document, window

from page import view
from page.browser.confirm import confirm
from page.browser.events import on, start
from page.library import library_texts, routes
from page.library.query import Query
from page.library.tiles.grid import Grid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from page.library.library import Library, Row

FILTERS = (
    "state",
    "model",
    "folder",
    "since",
    "until",
    "confidence",
    "looks",
    "job",
    "mark",
    "sort",
)


class Shelf:
    """What a person looks for, and what was found.

    Attributes:
        query: what is looked for.
        grid: the images found.
        counts: of the whole library, by kind.
    """

    def __init__(self, on_problem: "Callable[[JsException | None], object]") -> None:
        """Take ``on_problem(error)``, which tells why something failed; None: it is tried again."""
        self.query = Query()
        self.grid = Grid(self._show_selected)
        self.counts: "dict[str, dict[str, int]]" = {}
        self._library: "Library | None" = None
        self._filled: "dict[str, tuple[dict[str, int], str]]" = {}  # filters: counts and choice
        self._search = 0  # counts, so that an answer that was overtaken shows nothing
        self._on_problem = on_problem

    def listen(self) -> None:
        """Connect the controls."""
        self.grid.listen()
        on("shelf-search", "input", self.search)
        for name in FILTERS:
            on(f"filter-{name}", "change", self.search)
        on("filter-none", "click", self.clear_filters)
        on("review", "click", self.review)
        on("shelf-undo", "click", self.undo)
        on("as-list", "click", self.toggle_layout)
        on("select-all", "click", lambda: self.grid.select(self.grid.all_ids()))
        on("select-none", "click", lambda: self.grid.select([]))
        on("accept-selected", "click", lambda: self._change("accept"))
        on("decorative-selected", "click", lambda: self._change("mark_decorative"))
        on("clear-marks-selected", "click", lambda: self._change("clear_marks"))
        on("delete-selected", "click", self.delete_selected)

    def state(self) -> "dict[str, str]":
        """What a person looks for, and how it is shown, to be put back by ``restore``."""
        state = {name: getattr(self.query, name) for name in ("text",) + FILTERS}  # noqa: RUF005 - MicroPython
        state["layout"] = "list" if _is_list() else ""
        return state

    def restore(self, state: "dict[str, str]") -> None:
        """Put the controls back as they were."""
        view.element("shelf-search").value = state["text"]
        for name in FILTERS:
            self._set(name, state.get(name, ""))
        if (state["layout"] == "list") != _is_list():
            self.toggle_layout()

    def _set(self, name: str, value: str) -> None:
        """Set a filter, be it to what is not among its choices yet."""
        select = view.element(f"filter-{name}")
        select.value = value
        if select.value != value:
            option = document.createElement("option")
            option.value = value
            select.append(option)
            select.value = value

    async def show_jobs(self, state: str) -> None:
        """List the images that are there in the queue, and no others."""
        for name in FILTERS:
            if name != "sort":
                self._set(name, state if name == "job" else "")
        view.element("shelf-search").value = ""
        await self.search()

    def open(self, library: "Library") -> None:
        """Use this library from now on."""
        self._library = library

    async def search(self) -> None:
        """Find what the controls say."""
        query = self.query
        query.text = view.element("shelf-search").value
        for name in FILTERS:
            setattr(query, name, view.element(f"filter-{name}").value)
        await self.refresh()

    async def refresh(self) -> None:
        """Find it again: the library has changed, or what is looked for."""
        library = self._library
        if library is None:
            return
        self._search += 1
        search = self._search
        try:
            ids, counts = await library.find(self.query)
        except JsException as error:
            self._on_problem(error)
            return
        if search == self._search:
            self.counts = counts
            self.grid.show(library, ids)
            self._show_found()

    def focus(self, row: "Row | None") -> None:
        """Lead the keyboard to an image of the list, or to the list."""
        place = int(self.grid.ids.place(row["id"])) if row and self.grid.ids else -1
        if place >= 0:
            self.grid.focus(place)
        else:
            view.element("library-title").focus()

    def _show_found(self) -> None:
        total = self.counts["image"].get("all", 0)
        count = self.grid.count
        text = library_texts.found(count, total)
        view.set_text("library-count", text)
        view.element("shelf-tools").hidden = not total
        empty = view.element("shelf-empty")
        empty.hidden = bool(count)
        is_secure = bool(window.isSecureContext)
        said = library_texts.nothing(total, self.query.state, self.query.text, is_secure)
        empty.textContent = said
        # Those without a caption have nothing to review yet; nobody has decided about them.
        without = total - sum(self.counts["model"].values())
        waiting = max(0, self.counts["state"].get("automatic", 0) - without)
        view.element("review").hidden = not waiting
        view.set_text("review", library_texts.review(waiting))
        view.set_text("filters-title", library_texts.filters(self.query.narrows()))
        view.element("filter-none").hidden = not (self.query.narrows() or self.query.text)
        self._fill("state", library_texts.STATES)
        self._fill("job", library_texts.JOBS)
        self._fill("model")
        self._fill("folder")
        marks = self.counts["mark"]
        self._fill("mark", say=library_texts.mark)
        view.element("filter-marks").hidden = not (marks or self.query.mark)
        view.element("clear-marks-selected").hidden = not marks
        self._show_selected()

    def _fill(
        self,
        kind: str,
        names: "dict[str, str] | None" = None,
        say: "Callable[[str], str]" = str,
    ) -> None:
        """Fill a filter with what there is to choose, and how much of it.

        Args:
            kind: of the counts.
            names: what a person reads, in order; None for what is counted, by the alphabet.
            say: what a person reads of that.
        """
        counts, chosen = self.counts[kind], getattr(self.query, kind)
        filled = self._filled.get(kind)
        if filled and filled[0] is counts and filled[1] == chosen:  # as with most keys
            return
        self._filled[kind] = counts, chosen
        select = view.element(f"filter-{kind}")
        options = [select.firstElementChild]
        for value in names or sorted(set(counts) | {chosen}):
            count = counts.get(value, 0)
            if value and (count or value == chosen):
                option = document.createElement("option")
                option.value = value
                said = names[value] if names else say(value)
                option.textContent = library_texts.choice(said, count)
                options.append(option)
        select.replaceChildren(*options)
        select.value = chosen

    async def clear_filters(self) -> None:
        """Leave all images again."""
        for name in FILTERS:
            if name != "sort":
                view.element(f"filter-{name}").value = ""
        view.element("shelf-search").value = ""
        await self.search()
        view.element("shelf-search").focus()

    def toggle_layout(self) -> None:
        """Tiles, or lines."""
        button = view.element("as-list")
        is_list = not _is_list()
        button.setAttribute("aria-pressed", "true" if is_list else "false")
        view.element("tiles").classList.toggle("lines", is_list)
        self.grid.lay_out()

    async def review(self) -> None:
        """Go through the images that nobody looked at, those first that the model is unsure of."""
        for name in FILTERS:
            view.element(f"filter-{name}").value = ""
        view.element("filter-state").value = "automatic"
        view.element("filter-sort").value = "confidence"
        view.element("shelf-search").value = ""
        await self.search()
        if self._library and self.grid.count:
            rows = await self._library.of_ids(json.loads(self.grid.ids.part(0, 1)))
            window.location.hash = routes.address(rows[0]["sha256"])

    async def undo(self) -> None:
        """Take back what a person did last."""
        if self._library:
            step = await self._library.undo()
            view.announce(library_texts.undone(step) if step else library_texts.UNDO_NOTHING)
            await self.refresh()

    # What is selected

    def _show_selected(self) -> None:
        count = len(self.grid.selected)
        tools = view.element("selection")
        if not count and not tools.hidden and tools.contains(document.activeElement):
            view.element("library-title").focus()  # they go, and the keyboard would be nowhere
        tools.hidden = not count
        view.set_text("selected-count", library_texts.selected(count, self._unlisted()))

    def _unlisted(self) -> int:
        """How many of the selected are not in the list: something else is looked for by now."""
        chosen = list(self.grid.selected)
        if not chosen or self.grid.ids is None:
            return 0
        return len(chosen) - int(self.grid.ids.listed(json.dumps(chosen)))

    def _change(self, name: str) -> None:
        start(self._change_selected(name))

    async def _change_selected(self, name: str) -> None:
        ids = sorted(self.grid.selected)
        self._on_problem(None)
        try:
            await getattr(self._library, name)(ids)
        except JsException as error:
            self._on_problem(error)
            return
        self.grid.select([])
        await self.refresh()

    async def delete_selected(self) -> None:
        """Delete what is selected, once a person has said so twice."""
        question = library_texts.ask_delete(len(self.grid.selected), self._unlisted())
        if await confirm(question, "Delete"):
            await self._change_selected("delete")


def _is_list() -> bool:
    """Whether images are lines, not tiles."""
    return bool(view.element("as-list").getAttribute("aria-pressed") == "true")
