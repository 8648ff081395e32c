"""Many images: in the same decoder steps where that pays, else one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pycore.captioning.result import CaptionResult
from pycore.errors import InferenceError, InputError, SeesayError
from pycore.images.decoded import DecodedImage
from seesay.captioner.image_input import ImageInput, read_input
from seesay.captioner.image_reader import read_anyhow
from seesay.run_now import run_now

if TYPE_CHECKING:
    from pycore.captioning.caption_call import CheckedOptions
    from pycore.captioning.image_captioner import ImageCaptioner
    from pycore.interfaces import CancelToken, ProgressCallback

MAX_BATCH_SIZE = 8
"""Each image in a batch takes 15 MB of the model's memory (ViT-GPT2)."""
MAX_BATCH_BYTES = 64_000_000
"""Files of more than that together are never in one batch, but for a single larger one."""


@dataclass(frozen=True, slots=True)
class CaptionEnd:
    """How one image of many ended: in a result, or in an error of its own.

    Attributes:
        index: its position.
        result: its caption.
        error: why there is none.
    """

    index: int
    result: CaptionResult | None = None
    error: SeesayError | None = None


class CaptionBatches:
    """Captions images in batches.

    Args:
        open_captioner: gives the captioner for one batch of files.
        size: the most images in a batch.
        options: checked by the captioner.
        on_progress: of each batch, as in pycore.
        cancel: stops the work.
    """

    def __init__(
        self,
        open_captioner: Callable[[Mapping[str, bytes]], ImageCaptioner],
        size: int,
        options: CheckedOptions,
        on_progress: ProgressCallback,
        cancel: CancelToken,
    ) -> None:
        self._open_captioner = open_captioner
        self._options = options
        self._on_progress = on_progress
        self._cancel = cancel
        self._size = size if self._pays() else 1

    def run(self, images: Iterable[ImageInput]) -> Iterator[CaptionEnd]:
        """Yield the end of each image, in their order.

        Raises:
            CancelledError: stopped.
        """
        batch: list[bytes | InputError] = []
        start = 0
        for image in images:
            self._cancel.raise_if_cancelled()
            data = _read(image)
            size_bytes = sum(len(one) for one in (*batch, data) if isinstance(one, bytes))
            if batch and (len(batch) == self._size or size_bytes > MAX_BATCH_BYTES):
                yield from self._caption(batch, start)
                start += len(batch)
                batch = []
            batch.append(data)
            if len(batch) == self._size:
                yield from self._caption(batch, start)
                start += len(batch)
                batch = []
        yield from self._caption(batch, start)

    def _pays(self) -> bool:
        """Tell whether several images go into the same steps.

        Beams fill the batch already. Samples depend on how many are drawn at once, so that a seed
        would give other captions.
        """
        config = self._options.config
        return config.num_beams == 1 and not config.do_sample

    def _caption(self, batch: list[bytes | InputError], start: int) -> Iterator[CaptionEnd]:
        captioner, files = self._decode(batch)
        readable = [file for file in files if isinstance(file, DecodedImage)]
        try:
            results = iter(self._write(captioner, readable))
        except InferenceError as error:
            # One image may be to blame: each is tried by itself then.
            if len(batch) > 1:
                for index, one in enumerate(batch, start):
                    yield from self._caption([one], index)
                return
            results = iter([error])
        for index, file in enumerate(files, start):
            end = next(results) if isinstance(file, DecodedImage) else file
            if isinstance(end, SeesayError):
                yield CaptionEnd(index, error=end)
            else:
                yield CaptionEnd(index, result=end)

    def _decode(
        self, batch: list[bytes | InputError]
    ) -> tuple[ImageCaptioner, list[DecodedImage | InputError]]:
        by_hash: dict[str, bytes] = {}
        captioner = self._open_captioner(by_hash)
        target_size = captioner.target_size(self._options)
        files: list[DecodedImage | InputError] = []
        for data in batch:
            if isinstance(data, bytes):
                try:
                    image = read_anyhow(data, target_size)
                except InputError as error:
                    files.append(error)
                else:
                    by_hash[image.sha256] = data
                    files.append(image)
            else:
                files.append(data)
        return captioner, files

    def _write(
        self, captioner: ImageCaptioner, images: list[DecodedImage]
    ) -> list[CaptionResult | SeesayError]:
        ends = run_now(
            captioner.caption_batch(
                images,
                options=self._options,
                on_progress=self._on_progress,
                cancel=self._cancel,
            )
        )
        return [*ends]


def _read(image: ImageInput) -> bytes | InputError:
    try:
        return read_input(image)
    except InputError as error:
        return error
