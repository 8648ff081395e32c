"""Several images in one job: in the same decoder steps where that pays, else one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from pycore.captioning.caption_call import CheckedOptions
from pycore.captioning.image_captioner import ImageCaptioner
from pycore.captioning.result import CaptionResult
from pycore.errors import ConfigurationError, InputError
from pycore.images.decoded import DecodedImage
from worker.browser.image_reader import DecodeInBrowser, read_anyhow
from worker.captioner.jobs import Job, failure

if TYPE_CHECKING:
    from pycore.generation import GenerationConfig
    from worker import answers


class CaptionBatch:
    """Captions images and tells each end as a ``result`` event of the job.

    Args:
        pipeline: captions, with the chosen model.
        decode_in_browser: for formats that pycore does not read.
        job: the job; stops the work, and takes the events.
        is_low_memory: several images at once would take too much memory.
    """

    def __init__(
        self,
        pipeline: ImageCaptioner,
        decode_in_browser: DecodeInBrowser,
        job: Job,
        *,
        is_low_memory: bool,
    ) -> None:
        self._pipeline = pipeline
        self._decode_in_browser = decode_in_browser
        self._job = job
        self._is_lean = is_low_memory

    async def run(self, images: Sequence[bytes], options: Mapping[str, Any]) -> None:
        """Caption images.

        Args:
            images: image files.
            options: as in ``ImageCaptioner.check``.

        Raises:
            ConfigurationError: when an option cannot be honoured.
            InferenceError: when the model fails.
            CancelledError: when stopped.
        """
        checked = self._pipeline.check(options)
        size = len(images) if self._pays(checked.config) else 1
        for start in range(0, len(images), size or 1):
            # One by one, and no more than go together: decoded images are large.
            files = [await self._read(image, checked) for image in images[start : start + size]]
            await self._caption(files, start, checked)

    def _pays(self, config: GenerationConfig) -> bool:
        """Tell whether several images go into the same steps.

        Beams fill the batch already, and each would need a copy of its image's context. Samples
        depend on how many are drawn at once, so that a seed would give other captions.
        """
        return config.num_beams == 1 and not config.do_sample and not self._is_lean

    async def _read(self, data: bytes, options: CheckedOptions) -> DecodedImage | InputError:
        self._job.stop.raise_if_cancelled()
        try:
            target_size = self._pipeline.target_size(options)
            return await read_anyhow(data, target_size, self._decode_in_browser)
        except InputError as error:
            return error

    async def _caption(
        self,
        files: Sequence[DecodedImage | InputError],
        start: int,
        options: CheckedOptions,
    ) -> None:
        readable = [file for file in files if isinstance(file, DecodedImage)]
        results = iter(
            await self._pipeline.caption_batch(
                readable,
                options=options,
                on_progress=self._job.report_steps,
                cancel=self._job.stop,
            )
        )
        for index, file in enumerate(files, start):
            self._tell(index, file if isinstance(file, InputError) else next(results))

    def _tell(self, index: int, end: CaptionResult | InputError | ConfigurationError) -> None:
        if isinstance(end, InputError | ConfigurationError):
            self._job.send_end_of_image({"index": index, "error": failure(end)})
        else:
            result = cast("answers.CaptionResult", end.to_dict())
            self._job.send_end_of_image({"index": index, "result": result})
