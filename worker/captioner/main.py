"""The worker's Python: takes requests, keeps the loaded model, answers."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

from js import Object
from pyodide.ffi import JsProxy, jsnull, to_js

from pycore.captioning.image_captioner import ImageCaptioner
from pycore.captioning.result import ModelInfo, Token
from pycore.captioning.text_in_image import RecognizedText
from pycore.errors import ProtocolError
from pycore.images.decoded import DecodedImage
from pycore.interfaces import Stage
from pycore.models.catalogue import STARTER_ID
from worker import answers, protocol, requests
from worker.browser.blobs import BlobWriter, read_blob
from worker.browser.image_reader import read_anyhow
from worker.captioner.batch import CaptionBatch
from worker.captioner.jobs import Job, Jobs, Payload, failure
from worker.captioner.recognition import Recognition
from worker.inference.loaded_model import LoadedModel, load_model
from worker.inference.model_files import ModelFiles
from worker.models.built_in import BuiltInModel

if TYPE_CHECKING:
    from worker.captioner.model_requests import ModelRequests


def start(bridge: Any) -> Callable[[JsProxy], None]:
    """Begin to serve the page.

    Args:
        bridge: what boot.mjs hands over: ``post``, ``runtime``, ``browserDecoder``,
            ``readBytes``, ``fetchAhead``, ``assets``, ``baseUrl``, ``hub`` and figures for the
            diagnostics.

    Returns:
        What takes the messages from now on.
    """
    return CaptionService(bridge).receive


class CaptionService:
    """Answers the page's requests."""

    def __init__(self, bridge: Any) -> None:
        self._bridge = bridge
        self._jobs = Jobs(self._post)
        self._other_models: ModelRequests | None = None
        self._recognition = Recognition(bridge, self._decode_in_browser)
        self._model: LoadedModel | None = None
        self._version = str(bridge.assets.version)
        self._splitter_hash = str(bridge.assets.splitter_hash)
        self._works: dict[str, Callable[[Job, Any], Awaitable[Payload]]] = {
            "caption": self._caption,
            "caption.batch": self._caption_batch,
            "load": self._load_only,
            "model.remove": self._remove,
            "diagnostics": self._diagnose,
        }

    def receive(self, message: JsProxy) -> None:
        """Take one message from the page."""
        try:
            job_id, kind, payload = protocol.check_request(_to_python(message))
        except protocol.MessageError as error:
            job_id = message.id if isinstance(getattr(message, "id", None), int) else 0
            sentence = "Two versions of Seesay met in this page. Reload it and try again."
            self._post(job_id, "error", failure(ProtocolError(sentence, detail=str(error))))
            return
        if kind == "cancel":
            self._jobs.cancel(payload["id"])
            return
        work = self._work(kind)

        async def run(job: Job) -> Payload:
            try:
                return await work(job, payload)
            finally:  # after a failure, too: memory may have been the reason
                models = self._other_models
                keeps_models = models is not None and models.keeps_in_memory
                job.send_memory({**self._heaps(), "keeps_models": keeps_models})

        self._jobs.start(job_id, run, queued=kind in protocol.COMPUTE_REQUESTS)

    @property
    def _models(self) -> ModelRequests:
        """What knows the models beside the built-in one, which the first caption does without."""
        if self._other_models is None:
            from worker.captioner.model_requests import ModelRequests  # noqa: PLC0415

            self._other_models = ModelRequests(self._bridge)
        return self._other_models

    def _work(self, kind: str) -> Callable[[Job, Any], Awaitable[Payload]]:
        """Return what answers a kind of request."""
        if kind in protocol.WORD_REQUESTS and kind not in self._works:
            # Most visits write no files: what does is imported when it is first needed.
            from worker.captioner.word_requests import WordRequests  # noqa: PLC0415

            self._works.update(WordRequests(BlobWriter, read_blob).works)
        if kind in protocol.DOCUMENT_REQUESTS and kind not in self._works:
            from worker.captioner.document_requests import DocumentRequests  # noqa: PLC0415

            self._works.update(DocumentRequests().works)
        if kind in protocol.RULE_REQUESTS and kind not in self._works:
            from worker.captioner.rule_requests import RuleRequests  # noqa: PLC0415

            self._works.update(RuleRequests().works)
        if kind.startswith("endpoint.") and kind not in self._works:
            from worker.captioner.endpoint_requests import EndpointRequests  # noqa: PLC0415

            endpoint = EndpointRequests(self._load_only, self._caption, self._decode_in_browser)
            self._works.update(endpoint.works)
        return self._works.get(kind) or self._models.works[kind]

    async def _caption(self, job: Job, payload: requests.Caption) -> answers.CaptionResult:
        model = await self._load(payload["model"], job)

        steps: answers.Steps = {"loaded": 0, "total": 0}

        def on_progress(stage: Stage, done: int, total: int) -> None:
            if stage == "decode" and done:
                # Goes with the token: a message of its own would cost a hundredth of a step.
                steps.update({"loaded": done, "total": total})
            else:
                job.report_steps(stage, done, total)

        def on_token(text: str, token: Token) -> None:
            newest: answers.TokenInfo = {
                "id": token.id,
                "text": token.text,
                "logprob": token.logprob,
            }
            job.send_token({"text": text, "token": newest, **steps})

        captioner = self._captioner(model, job, [payload["image"]])
        job.report_steps("image", 0, 1)
        options = captioner.check(payload["options"])
        size = captioner.target_size(options)
        image = await read_anyhow(payload["image"], size, self._decode_in_browser)
        result = await captioner(
            image,
            options=options,
            on_token=on_token,
            on_progress=on_progress,
            cancel=job.stop,
        )
        return cast("answers.CaptionResult", result.to_dict())

    async def _caption_batch(self, job: Job, payload: requests.CaptionBatch) -> requests.Nothing:
        model = await self._load(payload["model"], job)
        batch = CaptionBatch(
            self._captioner(model, job, payload["images"]),
            self._decode_in_browser,
            job,
            is_low_memory=bool(self._bridge.isLowMemory),
        )
        await batch.run(payload["images"], payload["options"])
        return {}

    def _captioner(self, model: LoadedModel, job: Job, files: Sequence[bytes]) -> ImageCaptioner:
        """Return the model together with what recognises and reads, for one job's files."""

        async def read_text(image: DecodedImage, language: str) -> RecognizedText:
            return await self._recognition.read_text(image, files, language, job)

        return ImageCaptioner(
            model.pipeline,
            model=ModelInfo(model.entry.id, model.entry.revision),
            route=self._recognition.route,
            open_recognizer=lambda: self._recognition.open_recognizer(job),
            read_text=read_text,
            clock=time.perf_counter,
            draws_only=model.entry.id == STARTER_ID,
        )

    async def _decode_in_browser(
        self, data: bytes, media_type: str, max_pixels: int, width: int, height: int
    ) -> Any:
        decoder = self._bridge.browserDecoder
        return await decoder.decode(to_js(data), media_type, max_pixels, width, height)

    async def _load_only(self, job: Job, payload: requests.OneModel) -> answers.ModelName:
        model = await self._load(payload["model"], job)
        if model.name == STARTER_ID:
            await model.runtime_model.load()  # harmless where it is loaded
        return {"id": model.entry.id, "revision": model.entry.revision}

    async def _load(self, name: str, job: Job) -> LoadedModel:
        """Return the model of this name; at most one is loaded at a time.

        The built-in one's sessions are for whoever asks about a drawing, or has it loaded: a
        photograph and a page of text are answered without.
        """
        if self._model is not None and self._model.name == name:
            return self._model
        source = await self._find_source(name, job)
        await self._unload()
        self._model = await load_model(
            name,
            source,
            self._bridge.runtime,
            self._splitter_hash,
            is_low_memory=self._bridge.isLowMemory,
            at_once=name != STARTER_ID,
        )
        return self._model

    async def _unload(self) -> None:
        if self._model is not None:
            await self._model.runtime_model.release()
            await self._recognition.release()
            self._model = None

    async def _remove(self, job: Job, payload: requests.OneModel) -> answers.ModelStatus:
        """Forget a model on this device and in memory; captions on their way are finished first."""
        status = await self._models.remove(job, payload)
        async with self._jobs.turn:
            if self._model is not None and self._model.name == payload["model"]:
                await self._unload()
        return status

    async def _find_source(self, name: str, job: Job) -> ModelFiles:
        if name == STARTER_ID:
            return await BuiltInModel.open(self._bridge, job.report_bytes)
        model = await self._models.open(name)
        total = model.entry.size_bytes
        loaded = 0

        def count(size_bytes: int) -> None:
            nonlocal loaded
            loaded = min(loaded + size_bytes, total)
            job.report_bytes(loaded, total, "device")

        model.on_read = count
        return model

    async def _diagnose(self, job: Job, payload: requests.Nothing) -> answers.Diagnostics:
        del job, payload
        bridge, runtime = self._bridge, self._bridge.runtime
        return {
            "version": self._version,
            "pyodide": bridge.pyodideVersion,
            "onnxruntime_web": runtime.version,
            "cross_origin_isolated": bool(runtime.isIsolated),
            "threads": runtime.threads,
            "low_memory": self._bridge.isLowMemory,
            **self._heaps(),
            "model": self._model.name if self._model else None,
            "decoder": self._model.runtime_model.decoder_layout if self._model else None,
            "decoder_steps": runtime.meter.steps,
            "decoder_run_ms": runtime.meter.runMs,
            "notes": self._model.runtime_model.notes if self._model else [],
        }

    def _heaps(self) -> answers.Heaps:
        """Return the sizes of both wasm heaps, which never shrink: this worker's peak so far."""
        return {
            "python_heap_bytes": self._bridge.pythonHeapBytes(),
            "model_heap_bytes": self._bridge.runtime.heapBytes(),
        }

    def _post(self, job_id: int, kind: str, payload: Payload) -> None:
        message = protocol.make_message(job_id, kind, payload)
        self._bridge.post(to_js(message, dict_converter=Object.fromEntries))


def _to_python(value: Any) -> Any:
    """Convert a message level by level; files stay JavaScript objects, bytes are copied once."""
    if value is jsnull:
        return None
    if isinstance(value, JsProxy):
        if hasattr(value, "byteLength"):
            return value.to_bytes()
        level = value.to_py(depth=1)
        return value if isinstance(level, JsProxy) else _to_python(level)
    if isinstance(value, dict):
        return {name: _to_python(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_to_python(item) for item in value]
    return value
