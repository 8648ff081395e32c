"""A local model hub that behaves as the real one does, and misbehaves as told.

Two origins, as on the real hub: small files come from the hub itself, after a 307 and perhaps
gzip-encoded; large ones after a 302 to a signed address on a file host, which expires. Both answer
with the CORS headers that were seen on the real ones. ``LocalHub.moods`` holds, for each path, what
the next requests for it meet.

    with LocalHub.start() as hub:
        hub.add("owner/name", "a" * 40, {"config.json": b"{}", "model.onnx": big})
        hub.moods["model.onnx"] = [Cut(at=1000), Status(503)]
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.browser.hub_http import FileHandler, HubHandler, HubServer, Served
from tests.browser.hub_moods import Mood

LARGE_BYTES = 1_000_000
"""Files of this size or more lie on the file host, as LFS files do."""


class LocalHub:
    """The hub and its file host.

    Attributes:
        url, files_url: the two origins.
        moods: by path, what the next requests for its bytes meet; then all is well.
        served: every request for a file's bytes.
        resolved: path of every request at a resolve address.
        link_lifetime_s: signed addresses are refused after this time.
        large_bytes: files of this size or more lie on the file host.
        bytes_per_s: speed of large files; None for as fast as possible.
    """

    def __init__(self) -> None:
        self.moods: dict[str, list[Mood]] = {}
        self.served: list[Served] = []
        self.resolved: list[str] = []
        self.link_lifetime_s = 3600.0
        self.bytes_per_s: float | None = None
        self.large_bytes = LARGE_BYTES
        self.closing = threading.Event()
        self._files: dict[tuple[str, str], bytes | Path] = {}
        self._commits: dict[tuple[str, str], str] = {}
        self._links: dict[str, tuple[str, str, float]] = {}
        self._servers = [HubServer(self, HubHandler), HubServer(self, FileHandler)]
        self.url, self.files_url = (
            f"http://localhost:{server.server_address[1]}" for server in self._servers
        )

    @classmethod
    @contextmanager
    def start(cls) -> Iterator[LocalHub]:
        """Run a hub in the background while the block runs."""
        hub = cls()
        threads = [
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
            for server in hub._servers
        ]
        for thread in threads:
            thread.start()
        try:
            yield hub
        finally:
            hub.closing.set()
            for server, thread in zip(hub._servers, threads, strict=True):
                server.shutdown()
                server.server_close()
                thread.join()

    def add(
        self, repository: str, commit: str, files: Mapping[str, bytes | Path], branch: str = "main"
    ) -> None:
        """Publish files of a repository; the branch points at the commit."""
        for revision in (commit, branch):
            self._commits[repository, revision] = commit
        for path, content in files.items():
            self._files[f"{repository}@{commit}", path] = content

    def reset(self) -> None:
        """Forget requests and moods."""
        self.moods.clear()
        self.served.clear()
        self.resolved.clear()
        self.bytes_per_s = None

    def sent(self, path: str) -> int:
        """Body bytes that were sent of one file, over all requests."""
        return sum(served.sent for served in self.served if served.path == path)

    def starts(self, path: str) -> list[int]:
        """First byte of every request for one file."""
        return [served.start for served in self.served if served.path == path]

    def expire_links(self) -> None:
        """All signed addresses given out so far are refused from now on."""
        self._links.clear()

    def commit(self, repository: str, revision: str) -> str | None:
        """The commit that a branch or a commit names."""
        return self._commits.get((repository, revision))

    def find(self, repository: str, revision: str, path: str) -> bytes | Path | None:
        """A file's content."""
        return self._files.get((f"{repository}@{self.commit(repository, revision)}", path))

    def sign(self, path: str, key: str) -> str:
        """A signed address on the file host."""
        token = secrets.token_hex(16)
        self._links[token] = (key, path, time.monotonic() + self.link_lifetime_s)
        return (
            f"{self.files_url}/repos/{hashlib.sha256(path.encode()).hexdigest()}?Signature={token}"
        )

    def open_link(self, token: str) -> tuple[str, bytes | Path] | None:
        """The file behind a signed address, None when that has expired."""
        key, path, expires = self._links.get(token, ("", "", 0.0))
        return (path, self._files[key, path]) if time.monotonic() < expires else None

    def describe(self, repository: str, revision: str) -> dict[str, Any] | None:
        """What the hub's API tells of a revision with ``?blobs=true``."""
        commit = self.commit(repository, revision)
        if commit is None:
            return None
        siblings = []
        for (owner, path), content in sorted(self._files.items()):
            if owner != f"{repository}@{commit}":
                continue
            data = content if isinstance(content, bytes) else content.read_bytes()
            sibling: dict[str, Any] = {"rfilename": path, "size": len(data)}
            if len(data) >= self.large_bytes:
                sha256 = hashlib.sha256(data).hexdigest()
                sibling["blobId"] = hashlib.sha1(sha256.encode()).hexdigest()
                sibling["lfs"] = {"sha256": sha256, "size": len(data), "pointerSize": 134}
            else:
                sibling["blobId"] = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
            siblings.append(sibling)
        return {"id": repository, "sha": commit, "private": False, "siblings": siblings}

    def next_mood(self, path: str, last: int) -> Mood | None:
        """Take the next mood of a path; one at a later byte than ``last`` waits for its request."""
        moods = self.moods.get(path)
        return moods.pop(0) if moods and getattr(moods[0], "at", 0) <= last else None
