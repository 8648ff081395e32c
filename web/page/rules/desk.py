"""The rules' view: the table, the form, the try, the run, the way back.

Runs in MicroPython.
"""

from jsffi import JsException
from pyscript import document, ffi
from pyscript.js_modules import downloads

from page import view
from page.browser.confirm import confirm
from page.browser.events import on, start
from page.browser.file_field import take_text
from page.browser.js_data import Record
from page.rules import book, rules_texts
from page.rules.editor import NEW, Editor, fill
from page.rules.targets import Images, Kept
from page.rules.trial import attempt
from pycore.rules import wording

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from page.library.keeper import Keeper
    from page.rules.book import Book
    from page.rules.targets import Change
    from page.rules.trial import Trial

MOST_SHOWN = 20


class Desk:
    """What a person sees of the rules."""

    def __init__(
        self, captioner: "Any", rules: "Book", keeper: "Keeper", images: "Callable[[], Images]"
    ) -> None:
        """Take Seesay's API, the rules, the library's Keeper, and ``images()``: those here."""
        self._captioner = captioner
        self._book = rules
        self._keeper = keeper
        self._images = images
        self._target: "Images | Kept | None" = None
        self._trial: "Trial | None" = None
        self._done: "list[Change]" = []
        self._done_to: "Images | Kept | None" = None  # the images that the last run changed
        self._turn = 0  # counts, so that a try that was overtaken shows nothing
        style = document.createElement("link")
        style.rel = "stylesheet"
        style.href = "styles/rules.css"
        document.head.append(style)
        view.element("rules").append(view.element("rules-view").content.cloneNode(True))
        self._editor = Editor(self._save, self._on_closed)

    def listen(self) -> None:
        """Connect the controls."""
        self._editor.listen()
        on("rule-new", "click", lambda: self._editor.open(NEW))
        on("rules-import", "click", lambda: view.element("rules-file").click())
        on("rules-file", "change", self._import)
        on("rules-export", "click", self._export)
        on("rules-target", "change", self._forget_trial)
        on("rules-try", "click", self.attempt)
        on("rules-run", "click", self.run)
        on("rules-undo", "click", self.undo)
        on("rules-automatic", "change", self._switch)

    async def show(self) -> None:
        """Show the rules, and what they can run on now."""
        self.refresh()
        await self._list_targets()

    def refresh(self) -> None:
        """Show the rules as they are now."""
        view.element("rules-automatic").checked = self._book.is_automatic
        self._changed()

    async def _list_targets(self) -> None:
        field = view.element("rules-target")
        chosen = field.value
        choices = {"images": rules_texts.target_list(await self._images().count())}
        if self._keeper.choice == "on":
            try:
                choices["library"] = rules_texts.target_library(await Kept(self._keeper).count())
            except JsException as error:  # it cannot be opened
                self._say("", view.sentence(error))
        fill(field, choices)
        field.value = chosen if chosen in choices else "images"

    # The table

    def _list(self) -> None:
        rules = self._book.rules
        rows = [self._row(place, rule) for place, rule in enumerate(rules)]
        view.element("rule-rows").replaceChildren(*rows)
        view.element("rules-table").hidden = not rows
        view.element("rules-none").hidden = bool(rows)
        view.element("rules-export").hidden = not rows

    def _row(self, place: int, rule: "dict[str, Any]") -> "Any":
        row = view.element("rule-row").content.firstElementChild.cloneNode(True)
        sentence = wording.rule(rule)
        row.querySelector(".rule-sentence").textContent = sentence
        row.classList.toggle("off", not book.is_on(rule))
        box = row.querySelector("input")
        box.checked = book.is_on(rule)
        box.setAttribute("aria-label", rules_texts.rule("On", sentence))
        box.addEventListener("change", lambda _event: self._turn_on(place, bool(box.checked)))
        works = {
            ".rule-edit": (rules_texts.EDIT, lambda _event: self._editor.open(rule)),
            ".rule-earlier": (rules_texts.EARLIER, lambda _event: self._move(place)),
            ".rule-remove": (rules_texts.REMOVE, lambda _event: start(self._remove(place))),
        }
        for name, (said, work) in works.items():
            button = row.querySelector(name)
            button.setAttribute("aria-label", rules_texts.rule(said, sentence))
            button.addEventListener("click", work)
        row.querySelector(".rule-earlier").hidden = place == 0
        return row

    def _turn_on(self, place: int, is_on: bool) -> None:
        rule = self._book.rules[place]  # itself: the form may have it open
        rule.pop("on", None)
        if not is_on:
            rule["on"] = False
        self._book.keep()
        self._changed()
        self._focus(place, "input")

    def _move(self, place: int) -> None:
        """Let a rule run before the one that is before it."""
        rules = self._book.rules
        rules.insert(place - 1, rules.pop(place))
        self._book.keep()
        self._changed()
        self._focus(place - 1, ".rule-edit" if place == 1 else ".rule-earlier")

    async def _remove(self, place: int) -> None:
        sentence = wording.rule(self._book.rules[place])
        if await confirm(rules_texts.ask_remove(sentence), rules_texts.REMOVE):
            self._book.rules.pop(place)
            self._book.keep()
            self._changed()
            view.element("rule-new").focus()

    def _focus(self, place: int, part: str) -> None:
        row = view.element("rule-rows").children.item(place)
        if row:
            row.querySelector(part).focus()
        else:
            view.element("rule-new").focus()

    def _changed(self) -> None:
        """There are other rules: what was tried no longer counts."""
        self._list()
        self._forget_trial()

    def _place(self, rule: "dict[str, Any]") -> int:
        """Where a rule is now: others may have been moved or removed since; else behind them."""
        rules = self._book.rules
        same = [place for place, one in enumerate(rules) if one is rule]
        alike = [place for place, one in enumerate(rules) if one == rule]  # read anew since
        return (same + alike + [len(rules)])[0]

    async def _save(self, before: "dict[str, Any]", rule: "dict[str, Any]") -> str:
        try:
            await self._captioner.rules.run(ffi.to_js([rule]), ffi.to_js([]))
        except JsException as error:  # a rejection of the JavaScript API
            return view.sentence(error)
        self._book.put(self._place(before), rule)
        self._changed()
        self._say(rules_texts.KEPT)
        return ""

    def _on_closed(self) -> None:
        self._focus(self._place(self._editor.rule), ".rule-edit")

    # Out and in

    def _export(self) -> None:
        downloads.downloadText(self._book.to_json(), book.FILE_NAME, "application/json")

    async def _import(self) -> None:
        text = await take_text("rules-file")
        if text is None:
            return
        try:
            found = Record({"rules": await self._captioner.rules.read(text or " ")})
        except JsException as error:  # a rejection of the JavaScript API
            self._say("", view.sentence(error))
            return
        self._book.rules.extend(found.rules)
        self._book.keep()
        self._changed()
        self._say(rules_texts.imported(len(found.rules), self._book.is_automatic))

    # Running

    def _switch(self) -> None:
        self._book.is_automatic = bool(view.element("rules-automatic").checked)
        self._book.keep()

    def _forget_trial(self) -> None:
        self._turn += 1
        self._trial = None
        view.element("rules-run").hidden = True
        view.element("rules-undo").hidden = not self._done
        view.show_list("rules-examples", [])
        self._say()

    async def attempt(self) -> None:
        """Say what would change."""
        self._forget_trial()
        rules, turn = self._book.rules, self._turn
        if not self._book.switched_on():
            self._say("", rules_texts.NO_RULE_ON)
            return
        is_library = view.element("rules-target").value == "library"
        target = Kept(self._keeper) if is_library else self._images()

        def on_progress(done: int, total: int) -> None:
            if turn == self._turn:
                self._say(rules_texts.looking(done, total))

        try:
            trial = await attempt(self._captioner, rules, target, on_progress)
        except JsException as error:
            if turn == self._turn:
                self._say("", view.sentence(error))
            return
        if turn != self._turn:
            return
        self._target, self._trial = target, trial
        self._show_trial(trial)
        self._say(rules_texts.would_change(len(trial.changes), trial.total))

    def _show_trial(self, trial: "Trial") -> None:
        rows = view.element("rule-rows").children
        for place, (matched, changed) in enumerate(trial.counts):
            cell = rows.item(place).querySelector(".rule-count")
            cell.textContent = rules_texts.counts(matched, changed)
        count = len(trial.changes)
        lines = []
        for _, before, after in trial.changes[:MOST_SHOWN]:
            lines.append(rules_texts.difference(before["name"], before, after))
        if count > MOST_SHOWN:
            lines.append(rules_texts.more(count - MOST_SHOWN))
        view.show_list("rules-examples", lines)
        view.element("rules-run").hidden = not count
        view.set_text("rules-run", rules_texts.change(count))

    async def run(self) -> None:
        """Do what was tried."""
        trial, target = self._trial, self._target
        if trial is None or target is None:
            return
        self._forget_trial()
        try:
            self._done = await target.apply(trial.changes)
            self._done_to = target
        except JsException as error:  # the library cannot be written
            self._say("", view.sentence(error))
            return
        count = len(self._done)
        view.element("rules-undo").hidden = not count
        self._say(rules_texts.changed(count, len(trial.changes) - count))
        view.element("rules-undo" if count else "rules-try").focus()

    async def undo(self) -> None:
        """Take back what the last run did."""
        done, target = self._done, self._done_to
        if target is None:
            return
        self._forget_trial()
        try:
            count, problem = await target.undo(done)
        except JsException as error:
            count, problem = 0, view.sentence(error)
        if problem:
            self._say("", problem)
        else:
            self._done = []
            self._say(rules_texts.undone(count, len(done) - count))
        view.element("rules-undo").hidden = not self._done
        view.element("rules-try").focus()

    def _say(self, state: str = "", problem: str = "") -> None:
        view.set_text("rules-state", state)
        view.set_text("rules-problem", problem)
