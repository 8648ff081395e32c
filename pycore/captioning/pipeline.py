"""ImageToText: from the bytes of an image file to its caption.

Composes the parts of pycore and times them; computes nothing itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pycore.captioning.options import configure
from pycore.captioning.prepared_image import PreparedImage, prepare_image
from pycore.captioning.result import CaptionResult, ModelInfo, Timings, confidence
from pycore.captioning.tasks import CAPTION_ONLY
from pycore.captioning.writer import TokenCallback, Writer, Written
from pycore.errors import ConfigurationError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pycore.captioning.tasks import Task, TaskName
    from pycore.generation import GenerationConfig
    from pycore.images.decoded import DecodedImage
    from pycore.images.processor import ImageProcessor
    from pycore.interfaces import (
        CancelToken,
        CaptionModel,
        ProgressCallback,
    )
    from pycore.text.tokenizer import Tokenizer


class ImageToText:
    """Captions images with one model.

    Attributes:
        generation_config: what captions are written with when a call does not say otherwise.
    """

    def __init__(
        self,
        *,
        image_processor: ImageProcessor,
        tokenizer: Tokenizer,
        generation_config: GenerationConfig,
        model: CaptionModel,
        model_id: str,
        revision: str,
        confidence_threshold: float,
        clock: Callable[[], float],
        patch_grid: tuple[int, int] | None = None,
        tasks: Mapping[TaskName, Task] = CAPTION_ONLY,
    ) -> None:
        """Compose a captioner.

        Args:
            image_processor: made from the model's preprocessor_config.json.
            tokenizer: made from the model's tokenizer.json.
            generation_config: made from the model's settings and the catalogue's ``generation``.
            model: runs the encoder and the decoder.
            model_id: named in the results.
            revision: named in the results.
            confidence_threshold: captions below it are flagged; 0 to 1.
            clock: the time in seconds, from any origin.
            patch_grid: see attention_map.py; None when the model has no such grid.
            tasks: what the model can be asked; "caption" must be among them.
        """
        self._tasks = tasks
        self._configs = {
            name: generation_config.with_options(
                # The model's own limit, or that of whoever offers it, goes before the task's.
                {}
                if generation_config.max_length or generation_config.max_new_tokens
                else task.generation
            )
            for name, task in tasks.items()
        }
        self.generation_config = self._configs["caption"]
        self._image_processor = image_processor
        self._tokenizer = tokenizer
        self._model = model
        self._model_info = ModelInfo(model_id, revision)
        self._confidence_threshold = confidence_threshold
        self._clock = clock
        self._writer = Writer(tokenizer, patch_grid, clock)

    async def __call__(
        self,
        image: bytes | DecodedImage,
        *,
        options: Mapping[str, Any],
        on_token: TokenCallback,
        on_progress: ProgressCallback,
        cancel: CancelToken,
    ) -> CaptionResult:
        """Caption one image.

        Args:
            image: the image file, or what was decoded of it.
            options: of generation, by name; ``bad_words`` (list of strings) and ``prefix``
                (string) besides those in ``pycore.generation.OPTION_NAMES``.
            on_token: called after each decoder step with the caption so far and its newest token.
                With several beams these are the leading beam's, which may change.
            on_progress: called as (stage, done, total) for the stages image, encode and decode.
            cancel: asked between the stages and before each decoder step.

        Returns:
            The caption.

        Raises:
            InputError: when the image cannot be used.
            ConfigurationError: when an option cannot be honoured; before any work is done.
            InferenceError: when the model fails.
            CancelledError: when stopped.
        """
        answers = await self.answer(
            image,
            ("caption",),
            options=options,
            on_token=on_token,
            on_progress=on_progress,
            cancel=cancel,
        )
        return answers["caption"]

    async def answer(
        self,
        image: bytes | DecodedImage,
        tasks: Sequence[TaskName],
        *,
        options: Mapping[str, Any],
        on_token: TokenCallback,
        on_progress: ProgressCallback,
        cancel: CancelToken,
    ) -> dict[TaskName, CaptionResult]:
        """Do several tasks with one look at an image.

        Args:
            image: as above.
            tasks: some of ``tasks``, in this order.
            options: as above; they hold for each task.
            on_token: as above.
            on_progress: as above; each task has an encode stage (of its prompt) and a decode stage.
            cancel: as above.

        Returns:
            For each task its answer. ``encode_ms`` of the first includes the look at the image.

        Raises:
            InputError: when the image cannot be used.
            ConfigurationError: when an option or a task cannot be honoured; before any work.
            InferenceError: when the model fails.
            CancelledError: when stopped.
        """
        self.check_tasks(tasks)
        configs = {task: configure(options, self._configs[task], self._tokenizer) for task in tasks}
        cancel.raise_if_cancelled()
        on_progress("image", 0, 1)
        prepared = self._prepare(image)
        on_progress("image", 1, 1)
        answers = await self._write([prepared], configs, on_token, on_progress, cancel)
        found = {task: results[0] for task, results in answers.items()}
        if "objects" not in found:
            return found
        from pycore.captioning.objects import lit_and_placed  # noqa: PLC0415 - few visits need it

        return lit_and_placed(found)

    async def caption_batch(
        self,
        images: Sequence[bytes | DecodedImage],
        *,
        options: Mapping[str, Any],
        on_progress: ProgressCallback,
        cancel: CancelToken,
    ) -> list[CaptionResult | InputError]:
        """Caption several images in the same decoder steps, which takes less time for each.

        With a quantised model the last digits of an image's numbers depend on its neighbours in
        the batch. In the timings ``encode_ms`` is an image's share, and ``token_ms`` has the steps
        of the whole batch.

        Args:
            images: the image files, or what was decoded of them.
            options: as for one image.
            on_progress: as for one image.
            cancel: as for one image; asked before each image file, too.

        Returns:
            For each image its caption, or why it cannot be used.

        Raises:
            ConfigurationError: when an option cannot be honoured.
            InferenceError: when the model fails.
            CancelledError: when stopped.
        """
        config = configure(options, self.generation_config, self._tokenizer)
        ends: list[PreparedImage | InputError] = []
        on_progress("image", 0, len(images))
        for image in images:
            cancel.raise_if_cancelled()
            try:
                ends.append(self._prepare(image))
            except InputError as error:
                ends.append(error)
            on_progress("image", len(ends), len(images))
        good = [end for end in ends if isinstance(end, PreparedImage)]
        written = await self._write(good, {"caption": config}, None, on_progress, cancel)
        results = iter(written["caption"])
        return [end if isinstance(end, InputError) else next(results) for end in ends]

    @property
    def target_size(self) -> tuple[int, int] | None:
        """(height, width) in pixels of images for the model; see `read_image`."""
        return self._image_processor.target_size

    def check_tasks(self, tasks: Sequence[TaskName]) -> None:
        """Make sure that the model can be asked all this.

        Raises:
            ConfigurationError: when it cannot.
        """
        for task in tasks:
            if task not in self._tasks:
                known = ", ".join(self._tasks)
                raise ConfigurationError(f"This model cannot do {task!r}. It can do: {known}.")

    def configure(self, options: Mapping[str, Any]) -> GenerationConfig:
        """Check a call's options, before any work is done.

        Raises:
            ConfigurationError: when one cannot be honoured.
        """
        return configure(options, self.generation_config, self._tokenizer)

    def _prepare(self, image: bytes | DecodedImage) -> PreparedImage:
        """Turn an image into pixel values."""
        return prepare_image(image, self._image_processor, self._clock)

    async def _write(
        self,
        images: Sequence[PreparedImage],
        configs: Mapping[TaskName, GenerationConfig],
        on_token: TokenCallback | None,
        on_progress: ProgressCallback,
        cancel: CancelToken,
    ) -> dict[TaskName, list[CaptionResult]]:
        """Look at all images together, and write about them."""
        if not images:
            return {task: [] for task in configs}
        cancel.raise_if_cancelled()
        on_progress("encode", 0, 1)
        began = self._clock()
        pixel_values = np.concatenate([image.pixel_values for image in images])
        if any(config.attentions for config in configs.values()):
            encoded = await self._model.encode(pixel_values, attentions=True)
        else:
            encoded = await self._model.encode(pixel_values)
        answers: dict[TaskName, list[CaptionResult]] = {}
        try:
            for task, config in configs.items():
                if answers:
                    cancel.raise_if_cancelled()
                session = await encoded.open(self._tasks[task].prompt_ids)
                encode_ms = 1e3 * (self._clock() - began) / len(images)
                on_progress("encode", 1, 1)
                written = await self._writer.write(
                    session, config, len(images), on_token, on_progress, cancel
                )
                results = [
                    self._result(image, each, encode_ms)
                    for image, each in zip(images, written, strict=True)
                ]
                read = self._tasks[task].read_objects
                if read:
                    from pycore.captioning.objects import with_objects  # noqa: PLC0415 - likewise

                    results = [with_objects(one, self._tokenizer, read) for one in results]
                answers[task] = results
                began = self._clock()
        finally:
            encoded.release()
        return answers

    def _result(self, image: PreparedImage, written: Written, encode_ms: float) -> CaptionResult:
        """Put together what is known about one image."""
        certainty = confidence(written.logprobs)
        return CaptionResult(
            caption=written.candidates[0].text,
            confidence=certainty,
            flagged=certainty < self._confidence_threshold,
            candidates=written.candidates,
            model=self._model_info,
            timings=Timings(
                decode_ms=image.decode_ms,
                preprocess_ms=image.preprocess_ms,
                encode_ms=encode_ms,
                token_ms=written.token_ms,
            ),
            image=image.info,
            notes=image.notes,
        )
