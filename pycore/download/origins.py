"""Where a model's files can be fetched: the site itself, in parts, or a hub."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol
from urllib.parse import urljoin, urlsplit

from pycore.errors import AssetError, ConfigurationError
from pycore.models.reference import ModelReference, resolve_url

if TYPE_CHECKING:
    from pycore.models.catalogue import ModelEntry, ModelFile

DEFAULT_HUB = "https://huggingface.co"


PIECE_BYTES = 4 * 2**20
"""Files are fetched and kept in pieces of this size; the last of a file is shorter.

Small, because a piece is what a crash loses: 4 MiB are half a minute on a slow phone connection
(1 Mbit/s). Not smaller, because each costs an entry in the Cache API, which takes milliseconds.
"""


@dataclass(frozen=True)
class Address:
    """Where one stretch of a file is found.

    Attributes:
        url: of the stretch.
        start: the file's byte at which it begins.
        size_bytes: its length.
        is_ranged: whether to ask for ranges of it.
    """

    url: str
    start: int
    size_bytes: int
    is_ranged: bool


class Origin(Protocol):
    """Knows the addresses of one model's files."""

    @property
    def host(self) -> str:
        """Who this is, for sentences."""

    @property
    def kind(self) -> Literal["network", "site"]:
        """The site itself, or some other host."""

    def locate(self, file: ModelFile, position: int) -> Address:
        """The stretch of ``file`` that holds byte ``position``.

        Raises:
            AssetError: when this source does not have the file.
        """


class HubOrigin:
    """A hub or a mirror with its layout: ``<hub>/<repository>/resolve/<revision>/<path>``.

    Always the resolve address: it answers with a redirect to a signed one, which expires.

    Args:
        hub: address of the hub, without the slash at its end.
        entry: the model.
    """

    kind: Literal["network", "site"] = "network"

    def __init__(self, hub: str, entry: ModelEntry) -> None:
        self.host = hub_host(hub)
        self._hub = hub
        self._reference = ModelReference(entry.repository, entry.revision)

    def locate(self, file: ModelFile, position: int) -> Address:
        """The whole file, wherever ``position`` is."""
        del position
        is_ranged = file.size_bytes > PIECE_BYTES
        address = resolve_url(self._hub, self._reference, file.path)
        return Address(address, 0, file.size_bytes, is_ranged)


class SiteOrigin:
    """The site that Seesay runs on, holding files in parts for hosts that limit file size.

    Args:
        manifest_url: address of the manifest that ``build.py site --model`` wrote.
        manifest: its content: ``{"files": [{"path", "sha256", "parts": [{"url", "size_bytes"}]}]}``
            with addresses relative to the manifest's.
    """

    kind: Literal["network", "site"] = "site"

    def __init__(self, manifest_url: str, manifest: Mapping[str, Any]) -> None:
        self.host = urlsplit(manifest_url).netloc or "This site"
        self._url = manifest_url
        self._parts: dict[str, Sequence[Mapping[str, Any]]] = {
            file["sha256"]: file["parts"] for file in manifest["files"]
        }

    def locate(self, file: ModelFile, position: int) -> Address:
        """The part that holds ``position``.

        Raises:
            AssetError: when the site does not have the file.
        """
        start = 0
        for part in self._parts.get(file.sha256, ()):
            size_bytes = int(part["size_bytes"])
            if position < start + size_bytes:
                is_ranged = size_bytes > PIECE_BYTES
                return Address(urljoin(self._url, part["url"]), start, size_bytes, is_ranged)
            start += size_bytes
        message = f"{self.host} does not have {file.path}. It is fetched from the hub instead."
        raise AssetError(message, detail=f"byte {position} of {file.sha256} in {self._url}")


def hub_host(hub: str) -> str:
    """The host of a hub's address, for sentences.

    Raises:
        ConfigurationError: when it is not a web address.
    """
    parts = urlsplit(hub)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment:
        raise ConfigurationError(f"The hub's address is not a web address: {hub!r}.")
    return parts.hostname or parts.netloc
