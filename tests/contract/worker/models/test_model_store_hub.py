"""The model store against the local hub over real sockets, before any browser is involved.

What is tested here is that the hub of the browser tests behaves as it says, and that the store's
ideas of HTTP hold for a real client.
"""

from __future__ import annotations

import gzip
import http.client
import zlib
from collections.abc import Iterator, Mapping
from urllib.parse import urljoin, urlsplit

import pytest

from pycore.download.fetcher import ConnectionLostError, StalledError, StopSignal, range_header
from pycore.download.origins import PIECE_BYTES
from pycore.download.retrying_stream import Network
from pycore.errors import AssetError
from pycore.models.catalogue import ModelEntry, ModelFile
from tests.browser.hub import LocalHub
from tests.browser.hub_moods import Cut, Mood, NoRanges, Other, Page, Short, Stall, Status
from tests.unit.helpers import run_sync
from tests.unit.models.model_fakes import FakeClock, FakeDevice, FakeTabs, sha256, some_bytes
from worker.models.store import ModelStore

BIG = "onnx/model.onnx"
FILES = {"config.json": b'{"a": 1}' * 50, BIG: some_bytes(2 * PIECE_BYTES + 99)}
COMMIT = "c" * 40
STALL_S = 5.0  # after which a connection counts as stalled; a busy machine answers sooner


class PlainResponse:
    """An answer of http.client."""

    def __init__(self, response: http.client.HTTPResponse, connection: http.client.HTTPConnection):
        self.status = response.status
        self.headers: Mapping[str, str] = {k.lower(): v for k, v in response.getheaders()}
        self._response = response
        self._connection = connection
        self._decoder = zlib.decompressobj(wbits=31) if "content-encoding" in self.headers else None

    async def read(self) -> bytes:
        try:
            data = self._response.read1(1 << 16)
        except TimeoutError as error:
            raise StalledError(str(error)) from error
        except (OSError, http.client.HTTPException) as error:
            raise ConnectionLostError(str(error)) from error
        if not data and self._response.length:
            raise ConnectionLostError("the body is short")
        return self._decoder.decompress(data) if self._decoder else data

    def close(self) -> None:
        self._response.close()
        self._connection.close()


class PlainFetcher:
    """fetch without a browser; follows redirects and checks CORS as one would."""

    async def get(
        self, url: str, *, offset: int = 0, end: int | None = None, stop: StopSignal
    ) -> PlainResponse:
        stop.raise_if_cancelled()
        headers = {"Origin": "http://page.test", "Accept-Encoding": "gzip"}
        if asked := range_header(offset, end):
            headers |= asked | {"Accept-Encoding": "identity"}
        for _ in range(5):
            parts = urlsplit(url)
            connection = http.client.HTTPConnection(parts.netloc, timeout=STALL_S)
            try:
                connection.request("GET", f"{parts.path}?{parts.query}", headers=headers)
                response = connection.getresponse()
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                raise ConnectionLostError(str(error)) from error
            allowed = response.getheader("Access-Control-Allow-Origin")
            if allowed not in {"*", "http://page.test"}:
                connection.close()
                raise ConnectionLostError("blocked by CORS")
            if response.status not in {302, 307}:
                return PlainResponse(response, connection)
            url = urljoin(url, response.getheader("Location") or "")
            connection.close()
        raise ConnectionLostError("too many redirects")

    def is_offline(self) -> bool:
        return False


@pytest.fixture
def hub() -> Iterator[LocalHub]:
    with LocalHub.start() as hub:
        hub.add("owner/test", COMMIT, FILES)
        yield hub


def make_store(hub: LocalHub) -> ModelStore:
    return ModelStore(FakeDevice(), Network(PlainFetcher(), FakeClock()), FakeTabs(), hub=hub.url)


def make_entry() -> ModelEntry:
    files = tuple(ModelFile(path, len(data), sha256(data)) for path, data in FILES.items())
    return ModelEntry("test", "Test", "owner/test", COMMIT, "", "", "", files)


def test_two_origins_redirects_and_gzip(hub: LocalHub) -> None:
    store = make_store(hub)
    status = run_sync(store.download(make_entry(), lambda progress: None, StopSignal()))
    assert status.state == "ready"
    assert hub.resolved == ["config.json", BIG]
    assert hub.sent("config.json") == len(gzip.compress(FILES["config.json"]))
    assert hub.sent(BIG) == len(FILES[BIG])


@pytest.mark.parametrize(
    "mood",
    [
        Cut(1),
        Cut(PIECE_BYTES),
        Short(PIECE_BYTES + 1),
        Stall(100_000),
        Status(503),
        Status(429, {"Retry-After": "3"}),
        Status(404, cors=False),
        Status(403),
        NoRanges(),
        Other(bytes(len(FILES[BIG]))),
    ],
    ids=str,
)
def test_moods_that_pass(hub: LocalHub, mood: Mood) -> None:
    hub.moods[BIG] = [Cut(70_000), mood]
    store, entry = make_store(hub), make_entry()
    status = run_sync(store.download(entry, lambda progress: None, StopSignal()))
    assert status.state == "ready"
    model = run_sync(store.open(entry))
    assert bytes(run_sync(model.read_bytes(BIG))) == FILES[BIG]


def test_an_expired_link_is_refused_and_signed_anew(hub: LocalHub) -> None:
    hub.link_lifetime_s = -1
    with pytest.raises(Exception, match="refuses to give"):
        run_sync(make_store(hub).download(make_entry(), lambda progress: None, StopSignal()))
    assert hub.resolved.count(BIG) == 3


def test_a_page_instead_of_the_file(hub: LocalHub) -> None:
    hub.moods[BIG] = [Page(b"<!doctype html><title>Sign in</title>")]
    with pytest.raises(AssetError, match="A web page came instead of"):
        run_sync(make_store(hub).download(make_entry(), lambda progress: None, StopSignal()))


def test_the_api_tells_sizes_and_hashes(hub: LocalHub) -> None:
    described = hub.describe("owner/test", "main")
    assert described is not None
    assert described["sha"] == COMMIT
    small, large = described["siblings"]
    assert small["size"] == len(FILES["config.json"])
    assert large["lfs"]["sha256"] == sha256(FILES[BIG])
