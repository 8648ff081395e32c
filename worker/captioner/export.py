"""One export: which files it has, made one after the other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pycore.errors import ConfigurationError, MetadataError, SeesayError
from pycore.exports import (
    COLUMNS,
    ExportRecord,
    ZipWriter,
    further_columns,
    html_snippets,
    json_file,
    json_lines,
    markdown_snippets,
    rows,
    safe_names,
    table,
    text_sidecars,
    xmp_sidecars,
)
from pycore.exports.sidecars import has_words, words_of
from pycore.metadata import WritePolicy, write_metadata, xmp_sidecar

if TYPE_CHECKING:
    from worker.captioner.jobs import Job

NAME = "captions"
UNDO = "renamed.csv"
"""Which image had which name: to find one by its old name, or to rename back."""

# Form: ending of its file, media type, what makes it.
_TABLES: dict[str, tuple[str, str, Callable[[Sequence[ExportRecord]], Iterable[bytes]]]] = {
    "csv": (".csv", "text/csv", lambda records: table(records, further_columns(records))),
    "json": (".json", "application/json", json_file),
    "jsonl": (".jsonl", "application/jsonl", json_lines),
    "html": (".html", "text/html", html_snippets),
    "md": (".md", "text/markdown", markdown_snippets),
}
_SNIPPETS = ("html", "md")
"""They say where the images are, so they have the names that images get."""
_BESIDE = ("txt", "xmp")
_IMAGES = "images"
# What a record has beside its columns.
_LISTS = {"earlier": "The earlier hashes", "by_person": "The fields by a person"}
FORMS = (*_TABLES, *_BESIDE, _IMAGES)


class Export:
    """Makes one file of all that is wished: a table by itself, or else a zip.

    Args:
        records: the images' words.
        policy: how far words in the images may change.
        new_names: of the images, in the order of the records; None to keep their names.

    Attributes:
        file_name: of the export.
        media_type: of the export.
        notes: sentences about images that could not hold their words.
    """

    def __init__(
        self,
        records: Sequence[ExportRecord],
        policy: WritePolicy,
        new_names: Sequence[str] | None = None,
    ) -> None:
        self._records = records
        self._new_names = new_names
        self._policy = policy
        self.file_name = f"{NAME}.zip"
        self.media_type = "application/zip"
        self.notes: list[str] = []

    async def write(
        self,
        forms: Sequence[str],
        files: Sequence[Any],
        read: Callable[[Any], Awaitable[bytes]],
        add: Callable[[bytes], None],
        job: Job,
    ) -> None:
        """Write the export piece by piece; of the images, one is in memory at a time.

        Args:
            forms: of ``FORMS``.
            files: the images of the records, in their order; None where there is none.
            read: returns a file's bytes.
            add: takes the pieces.
            job: is told how many images are done; stops the work.

        Raises:
            ConfigurationError: a form that there is not, or images without files.
            CancelledError: when stopped.
        """
        if not forms or not all(form in FORMS for form in forms):
            raise ConfigurationError(f"The forms of an export are {', '.join(FORMS)}.")
        if _IMAGES in forms and len(files) != len(self._records):
            raise ConfigurationError("An export with images needs a file for each record.")
        if len(forms) == 1 and forms[0] in _TABLES:
            ending, self.media_type, make = _TABLES[forms[0]]
            self.file_name = NAME + ending
            for piece in make(self._records):
                add(piece)
            return
        with ZipWriter() as archive:

            def put(name: str, content: bytes) -> None:
                add(archive.add(name, content))

            for name, content in self._texts(forms):
                put(name, content)
            if _IMAGES in forms:
                await self._add_images(files, read, put, job)
            add(archive.finish())

    async def _add_images(
        self,
        files: Sequence[Any],
        read: Callable[[Any], Awaitable[bytes]],
        put: Callable[[str, bytes], None],
        job: Job,
    ) -> None:
        for i, (record, file) in enumerate(zip(self._named(), files, strict=True)):
            job.stop.raise_if_cancelled()
            _report(job, i, len(files))
            if file is not None:
                await self._add_image(record, file, read, put)
        _report(job, len(files), len(files))

    def _named(self) -> list[ExportRecord]:
        """Return the records under names that the zip can have, no two alike."""
        names = safe_names(self._new_names or (one.name for one in self._records))
        return [replace(one, name=name) for one, name in zip(self._records, names, strict=True)]

    def _texts(self, forms: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """Yield name and content of all that is not an image."""
        for form, (ending, _, make) in _TABLES.items():
            if form in forms:
                records = self._named() if form in _SNIPPETS else self._records
                yield NAME + ending, b"".join(make(records))
        if self._new_names:
            pairs = zip(self._records, self._named(), strict=True)
            renamed = [(new.name, old.name) for old, new in pairs if new.name != old.name]
            yield UNDO, b"".join(rows(("name", "old_name"), renamed))
        if "txt" in forms:
            yield from text_sidecars(self._named())
        if "xmp" in forms:
            yield from xmp_sidecars(self._named(), self._policy)

    async def _add_image(
        self,
        record: ExportRecord,
        file: Any,
        read: Callable[[Any], Awaitable[bytes]],
        add: Callable[[str, bytes], None],
    ) -> None:
        """Add an image with its words, or else as it is, and its words beside it."""
        data = await read(file)
        words = words_of(record)
        try:
            written = write_metadata(data, words, self._policy)
        except SeesayError as error:
            add(record.name, data)
            if not has_words(words):
                return
            try:
                add(f"{record.name}.xmp", xmp_sidecar(words, policy=self._policy))
            except MetadataError as beside:
                self.notes.append(f"{record.name}: its words were left out. {beside.message}")
            else:
                self.notes.append(f"{record.name}: its words are beside it. {error.message}")
        else:
            add(record.name, written)


def _report(job: Job, done: int, total: int) -> None:
    job.report({"stage": "export", "loaded": done, "total": total, "unit": "steps"})


def record_of(given: Mapping[str, Any]) -> ExportRecord:
    """Return an image's words as pycore has them.

    Raises:
        ConfigurationError: a column that there is not, or of the wrong type.
    """
    default = ExportRecord("")
    for name, value in given.items():
        if name == "fields":
            _check_fields(value)
            continue
        if name in _LISTS:
            if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
                raise ConfigurationError(f"{_LISTS[name]} of a record are a list of texts.")
            continue
        if name not in COLUMNS:
            raise ConfigurationError(f"An export has no column {name}; there are {COLUMNS}.")
        expected = list if name == "keywords" else type(getattr(default, name))
        if not isinstance(value, expected):
            raise ConfigurationError(f"The column {name} has a value of the wrong type.")
    if not given.get("name"):
        raise ConfigurationError("A record of an export must have a name.")
    lists = {name: tuple(map(str, given.get(name, ()))) for name in ("keywords", *_LISTS)}
    return ExportRecord(**{**given, **lists})


def _check_fields(fields: object) -> None:
    if not isinstance(fields, Mapping) or not all(isinstance(one, str) for one in fields.values()):
        raise ConfigurationError("The fields of a record of an export are texts by name.")
    # Tables that come back are read without regard to capitals and blanks.
    if taken := sorted(name for name in fields if name.strip().lower() in COLUMNS):
        raise ConfigurationError(f"An export has a column {taken[0]} already.")
