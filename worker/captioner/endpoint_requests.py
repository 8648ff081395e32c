"""Requests to the site's endpoint, handed on by its service worker and a page of the site.

Twice for each: what it asks for, so that the page can look where the image is; then its answer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from pycore.endpoint.answers import MethodError, NoSuchSourceError, answer, failure
from pycore.endpoint.form import image_in
from pycore.endpoint.request_path import (
    METHODS,
    CaptionRequest,
    is_full,
    methods_of,
    parse_path,
)
from pycore.endpoint.result_cache import ResultCache
from pycore.endpoint.sites import public_host
from pycore.endpoint.transform import transform
from pycore.errors import CancelledError, InferenceError, SeesayError
from pycore.models.catalogue import STARTER_ID
from worker.browser.image_reader import read_anyhow
from worker.captioner.jobs import Job, Payload
from worker.models.stored_model import ModelNotHereError

if TYPE_CHECKING:
    from worker import answers, requests
    from worker.browser.image_reader import DecodeInBrowser

PREFIX = "api/"

Load = Callable[[Job, "requests.OneModel"], Awaitable["answers.ModelName"]]
Caption = Callable[[Job, "requests.Caption"], Awaitable["answers.CaptionResult"]]


class EndpointRequests:
    """Answers the ``endpoint.*`` requests of worker/protocol.py.

    Args:
        load: loads a model and says what it is.
        caption: captions an image file.
        decode_in_browser: the browser's decoder, for what pycore does not read.

    Attributes:
        works: what answers each kind of request.
    """

    def __init__(self, load: Load, caption: Caption, decode_in_browser: DecodeInBrowser) -> None:
        self._load = load
        self._caption = caption
        self._decode_in_browser = decode_in_browser
        self._cache = ResultCache()
        self.works: dict[str, Callable[[Job, Any], Awaitable[Payload]]] = {
            "endpoint.read": self.read,
            "endpoint.answer": self.answer,
        }

    async def read(self, job: Job, payload: requests.EndpointCall) -> answers.EndpointStep:
        """Say where the image of a request is, or refuse it."""
        del job
        try:
            request, full = _read(payload["method"], payload["target"])
            source = request.source
            host = public_host(source.value) if source.kind == "url" else ""
        except SeesayError as error:
            return {"answer": _refusal(error, payload["target"])}
        return {
            "source": {
                "kind": source.kind,
                "value": source.value,
                "alias": source.alias,
                "host": host,
                "takes_kept": request.uses_cache and not (request.tasks or full),
            }
        }

    async def answer(self, job: Job, payload: requests.EndpointImage) -> answers.EndpointAnswer:
        """Caption the image of a request."""
        try:
            request, full = _read(payload["method"], payload["target"])
            data = image_in(payload["image"], payload["contentType"])
            result = await self._result(job, request, data, payload["model"])
        except (CancelledError, InferenceError):
            raise  # after the latter the page wants another worker
        except SeesayError as error:
            return _refusal(error, payload["target"])
        return _answer(200, answer(result, full=full))

    async def _result(
        self, job: Job, request: CaptionRequest, data: bytes, model: str
    ) -> Mapping[str, Any]:
        model, loaded = await self._load_or_starter(job, model)
        handle = hashlib.sha256(data).hexdigest()
        key = handle, f"{loaded['id']}@{loaded['revision']}", request.chain
        known = self._cache.get(key) if request.uses_cache else None
        if known is not None:
            return known
        seen = data
        if request.tasks:
            image = await read_anyhow(data, None, self._decode_in_browser)
            seen = transform(image.pixels, request.tasks)
        result = await self._caption(job, {"image": seen, "model": model, "options": {}})
        self._cache.put(key, result)
        return result

    async def _load_or_starter(self, job: Job, model: str) -> tuple[str, answers.ModelName]:
        """Load the model that is chosen in the window, or the starter where it is not here yet.

        So does the window itself with what waits; ``full=1`` tells which it was.
        """
        try:
            return model, await self._load(job, {"model": model})
        except ModelNotHereError:
            return STARTER_ID, await self._load(job, {"model": STARTER_ID})


def _read(method: str, target: str) -> tuple[CaptionRequest, bool]:
    """Return what is asked for, and whether everything is to be told.

    Args:
        method: of HTTP.
        target: path below the site's folder, and query: ``api/caption/SOURCE?full=1``.

    Raises:
        SeesayError: it is refused.
    """
    path, _, query = target.partition("?")
    if not path.startswith(PREFIX):
        raise NoSuchSourceError(f"There is nothing but {PREFIX}caption here.")
    full = is_full(query)
    request = parse_path(path.removeprefix(PREFIX))
    if method not in methods_of(request):
        raise MethodError(f"{method} is not answered here; {_allowed(target)} may be.")
    return request, full


def _refusal(error: SeesayError, target: str) -> answers.EndpointAnswer:
    status, values = failure(error)
    headers = {"Allow": _allowed(target)} if isinstance(error, MethodError) else {}
    return _answer(status, values, headers)


def _allowed(target: str) -> str:
    """Return the methods that a path may be asked with, as the header Allow has them."""
    path = target.partition("?")[0].removeprefix(PREFIX)
    try:
        return ", ".join(methods_of(parse_path(path)))
    except SeesayError:
        return ", ".join(METHODS)


def _answer(
    status: int, values: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> answers.EndpointAnswer:
    body = json.dumps(values, ensure_ascii=False)
    return cast(
        "answers.EndpointAnswer", {"status": status, "body": body, "headers": dict(headers or {})}
    )
