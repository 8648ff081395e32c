"""``seesay caption``: captions for files, to the screen, into a table, a library or the files."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pycore.errors import InputError, SeesayError, StorageError
from seesay.cli.console import (
    ProgressBar,
    complain,
    describe,
    one_line,
    printable,
    say,
    say_json,
)
from seesay.cli.csv_sink import CsvSink
from seesay.cli.exit_codes import DONE, SOME_FAILED
from seesay.cli.inputs import InputImage, find_images, read_names
from seesay.cli.library_sink import LibrarySink
from seesay.cli.metadata_writer import MetadataWriter
from seesay.cli.words_at_hand import has_words

if TYPE_CHECKING:
    from pycore.captioning.result import CaptionResult
    from seesay.captioner.captioner import Captioner


class Sink(Protocol):
    """Keeps captions, and knows which it has."""

    def has(self, image: InputImage, sha256: str) -> bool:
        """Tell whether an earlier run did this image."""

    def write(self, image: InputImage, data: bytes, result: CaptionResult) -> None:
        """Keep a caption; it is on the disk afterwards."""

    def close(self) -> None:
        """Close the file."""


@dataclass(frozen=True, slots=True)
class CaptionJob:
    """What the command was asked for.

    Attributes:
        images: files, folders, patterns, or ``-``.
        files_from: a file with more names, ``-`` for standard input.
        as_json: a line of JSON for each image.
        csv: a table to write.
        library: a library to write.
        write_metadata: write into the image files.
        write_guesses: guesses, too.
        missing_only: leave out images that have words.
        batch_size: see ``Captioner.caption_all``.
        options: see CaptionOptions.
        verbose: tell developers more.
    """

    images: Sequence[str]
    files_from: str | None = None
    as_json: bool = False
    csv: Path | None = None
    library: Path | None = None
    write_metadata: bool = False
    write_guesses: bool = False
    missing_only: bool = False
    batch_size: int = 1
    options: dict[str, Any] = field(default_factory=dict)
    verbose: bool = False


class CaptionRun:
    """One run of the command.

    Args:
        job: what was asked for.
        captioner: captions.
    """

    def __init__(self, job: CaptionJob, captioner: Captioner) -> None:
        self._job = job
        self._captioner = captioner
        self._sinks: list[Sink] = []
        self._library: LibrarySink | None = None
        self._files = MetadataWriter(guesses=job.write_guesses)
        self._at_work: deque[tuple[InputImage, bytes]] = deque()
        self._failed = 0
        self._left_out = 0
        self._says_names = True

    def run(self) -> int:
        """Caption everything.

        Returns:
            The exit status.

        Raises:
            SeesayError: something that concerns all images.
        """
        job = self._job
        names = [*job.images, *(read_names(job.files_from) if job.files_from else ())]
        images = list(find_images(names))
        self._says_names = [image.name for image in images] != names or len(images) > 1
        with ExitStack() as stack:
            self._open_sinks(stack)
            bar = stack.enter_context(ProgressBar(len(images), "img", shown=len(images) > 1))
            ends = self._captioner.caption_all(
                self._unfinished(images, bar), batch_size=job.batch_size, **job.options
            )
            for end in ends:
                image, data = self._at_work.popleft()
                if end.result is not None:
                    self._finish(image, data, end.result)
                elif end.error is not None:
                    self._fail(image, end.error)
                bar.advance(printable(image.name))
        if self._left_out:
            why = "have words" if job.missing_only and not self._sinks else "are done"
            complain(f"{self._left_out} of {len(images)} images were left out: they {why}.")
        return SOME_FAILED if self._failed else DONE

    def _open_sinks(self, stack: ExitStack) -> None:
        job = self._job
        if job.csv is None and job.library is None:
            return
        model = self._captioner.load()
        if job.csv is not None:
            self._sinks.append(stack.enter_context(closing(CsvSink(job.csv, model))))
        if job.library is not None:
            self._library = LibrarySink(job.library, model, job.options)
            self._sinks.append(stack.enter_context(closing(self._library)))

    def _unfinished(self, images: Iterable[InputImage], bar: ProgressBar) -> Iterator[bytes]:
        """Yield the bytes of the images that want a caption."""
        for image in images:
            try:
                data = image.read()
            except InputError as error:
                self._fail(image, error)
                bar.advance()
                continue
            if self._is_done(image, data):
                self._left_out += 1
                bar.advance()
                continue
            self._at_work.append((image, data))
            yield data

    def _is_done(self, image: InputImage, data: bytes) -> bool:
        sha256 = hashlib.sha256(data).hexdigest()
        if self._job.missing_only:
            if self._library is not None and self._library.has_words(sha256):
                return True
            if has_words(image.path, data):
                return True
        return bool(self._sinks) and all(sink.has(image, sha256) for sink in self._sinks)

    def _finish(self, image: InputImage, data: bytes, result: CaptionResult) -> None:
        if self._job.write_metadata:
            try:
                changed = self._files.with_words(image, data, result)
            except (InputError, StorageError) as error:  # this file's
                self._fail(image, error)
                return
            if image.path is not None and changed != data:
                # The file is another one then, and found by its new hash the next time.
                digest = hashlib.sha256(changed).hexdigest()
                if not self._replace(image, image.path, data, changed, digest):
                    return
                data = changed
                result = replace(result, image=replace(result.image, sha256=digest))
        for sink in self._sinks:
            # A run that was killed between two sinks left it in one of them.
            if not sink.has(image, result.image.sha256):
                sink.write(image, data, result)
        if self._job.as_json:
            say_json({"file": printable(image.name), **result.to_dict()})
        elif self._says_names:
            say(f"{one_line(image.name)}\t{one_line(result.caption)}")
        else:
            say(one_line(result.caption))
        for note in result.notes:
            complain(f"{image.name}: {note}")

    def _replace(
        self, image: InputImage, path: Path, data: bytes, changed: bytes, sha256: str
    ) -> bool:
        """Put a file with words in its place; return whether that was possible.

        The library knows it by the new bytes first: a run that is killed in between makes the same
        bytes again when it is begun anew, and finds what a person wrote.

        Raises:
            StorageError: the library cannot be written; the file is as it was.
        """
        former = hashlib.sha256(data).hexdigest()
        is_followed = self._library is not None and self._library.follow(
            former, sha256, len(changed)
        )
        try:
            self._files.replace(path, data, changed)
        except (InputError, StorageError) as error:  # this file's; what a sink raises ends the run
            if self._library is not None and is_followed:
                self._library.take_back(former, sha256, len(data))
            self._fail(image, error)
            return False
        return True

    def _fail(self, image: InputImage, error: SeesayError) -> None:
        self._failed += 1
        complain(f"{image.name}: {describe(error, verbose=self._job.verbose)}")
        if self._job.as_json:
            say_json({"file": printable(image.name), "error": error.to_dict()})
