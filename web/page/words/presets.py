"""The presets for alt text, and the fields that change the one in use.

Runs in MicroPython.
"""

from pyscript import document
from pyscript.js_modules import downloads, settings_store

from page import view
from page.browser.events import on
from page.browser.file_field import take_text
from page.words import words_texts
from pycore.alt_text import preset, template

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pycore.alt_text.preset import Preset

KEPT_AS = "seesay.alt-text-presets"
FILE_NAME = "seesay-presets.json"

_LISTS = {"preset-required": "required", "preset-banned": "banned"}
_TEXTS = {"preset-template": "template", "preset-start": "start"}


class Presets:
    """All presets, of which one is in use.

    Attributes:
        all: in the order of the list on the page.
        used: the one in use.
    """

    def __init__(self, on_change: "Callable[[], None]") -> None:
        """Take what is called when another preset, or something else in it, is to be used."""
        self._on_change = on_change
        self.all: "list[Preset]" = []
        try:
            self.all = preset.from_json(settings_store.read(KEPT_AS))
        except preset.PresetError:  # nothing is kept, or it is from another version
            self.all = [preset.Preset()]
        self.used = self.all[0]

    def listen(self) -> None:
        """Connect the fields."""
        on("preset", "change", self._choose)
        for names in (_LISTS, _TEXTS, ("preset-full-stop", "own-limit", "alt-limit")):
            for name in names:
                on(name, "input", self._take)
        on("preset-save", "click", self._save)
        on("preset-delete", "click", self._delete)
        on("preset-export", "click", self._export)
        on("preset-import", "click", lambda: view.element("preset-file").click())
        on("preset-file", "change", self._import)
        self._list()

    def set_inclusive(self, is_inclusive: bool) -> None:
        """Let drafts be put into inclusive words, or not."""
        self.used.is_inclusive = is_inclusive

    def _list(self) -> None:
        """Write the list of presets, and the one in use into the fields."""
        options = []
        for one in self.all:
            option = document.createElement("option")
            option.textContent = one.name
            options.append(option)
        view.element("preset").replaceChildren(*options)
        view.element("preset").selectedIndex = self.all.index(self.used)
        view.element("preset-delete").disabled = len(self.all) == 1
        for name, field in _LISTS.items():
            view.element(name).value = ", ".join(getattr(self.used, field))
        for name, field in _TEXTS.items():
            view.element(name).value = getattr(self.used, field)
        view.element("preset-full-stop").value = self.used.full_stop
        view.element("alt-limit").value = self.used.limit
        view.element("own-limit").value = str(self.used.own_limit)
        self._tell()

    def _tell(self) -> None:
        """Say what is odd about the preset in use, and show its own limit where it counts."""
        view.element("own-limit").hidden = self.used.limit != "own"
        odd = words_texts.unknown_placeholders(template.unknown(self.used.template))
        view.set_text("preset-problem", odd)

    def _take(self) -> None:
        """Some field was changed."""
        used = self.used
        for name, field in _LISTS.items():
            setattr(used, field, preset.words(view.element(name).value))
        for name, field in _TEXTS.items():
            setattr(used, field, view.element(name).value)
        used.full_stop = view.element("preset-full-stop").value
        used.limit = view.element("alt-limit").value
        digits = view.element("own-limit").value
        used.own_limit = max(1, int(digits)) if digits.isdigit() else used.own_limit
        self._tell()
        self._on_change()

    def _choose(self) -> None:
        self.used = self.all[view.element("preset").selectedIndex]
        self._list()
        self._on_change()

    def _save(self) -> None:
        """Keep the fields as a preset of its own, or of the same name."""
        name = view.element("preset-name").value.strip()
        if not name:
            view.set_text("preset-problem", words_texts.NO_PRESET_NAME)
            return
        copy = preset.from_dict(self.used.to_dict())
        copy.name = name
        self._put(copy)
        view.element("preset-name").value = ""
        self._list()
        self._keep()
        view.set_text("preset-problem", words_texts.PRESETS_KEPT)

    def _put(self, fresh: "Preset") -> None:
        """Add a preset, in the place of one of the same name; use it."""
        names = [one.name for one in self.all]
        if fresh.name in names:
            self.all[names.index(fresh.name)] = fresh
        else:
            self.all.append(fresh)
        self.used = fresh

    def _delete(self) -> None:
        """Forget the preset in use; one always stays."""
        place = self.all.index(self.used)
        self.all.remove(self.used)
        self.used = self.all[max(0, place - 1)]
        self._list()
        self._keep()
        self._on_change()

    def _export(self) -> None:
        downloads.downloadText(preset.to_json(self.all), FILE_NAME, "application/json")

    async def _import(self) -> None:
        text = await take_text("preset-file")
        if text is None:
            return
        try:
            found = preset.from_json(text)
        except preset.PresetError as error:
            view.set_text("preset-problem", str(error))
            return
        for one in found:
            self._put(one)
        self._list()
        self._keep()
        self._on_change()
        view.set_text("preset-problem", words_texts.imported_presets(len(found)))

    def _keep(self) -> None:
        """Keep all on this device: only ever at a person's word."""
        settings_store.write(KEPT_AS, preset.to_json(self.all))
