"""From the path of a request to what it asks for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl, unquote_to_bytes, urlsplit

from pycore.endpoint.task_grammar import Task, parse_task
from pycore.errors import ConfigurationError

GRAMMAR = "[security=policy:P,signature:S/][cache=false/][TASK/...]caption/SOURCE"
METHODS = ("GET", "POST")
MOST_TASKS = 16
LONGEST_PATH = 8_000
"""In characters; web servers refuse longer ones, too."""

_WEB = ("https://", "http://")
_FLAGS = {"1": True, "true": True, "0": False, "false": False}
_HANDLE = re.compile(r"[0-9a-f]{64}")
_ALIAS = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_SECURITY = re.compile(r"(?:policy|p|signature|s):[^,/]*(?:,(?:policy|p|signature|s):[^,/]*)*")


@dataclass(frozen=True, slots=True)
class Source:
    """Where an image is.

    Attributes:
        kind: handle: an image that the answerer has; url: on another server; alias: in a folder
            that a person granted and named; body: in the request itself.
        value: the handle (SHA-256, 64 hexadecimal digits), the address, or the path in the folder.
        alias: the folder's name.
    """

    kind: Literal["handle", "url", "alias", "body"]
    value: str = ""
    alias: str = ""


@dataclass(frozen=True, slots=True)
class CaptionRequest:
    """What a path asks for.

    Attributes:
        tasks: to be done first, in this order.
        source: of the image.
        uses_cache: whether an answer from before will do.
    """

    tasks: tuple[Task, ...]
    source: Source
    uses_cache: bool = True

    @property
    def chain(self) -> str:
        """The tasks as text: equal for tasks that do the same."""
        return "/".join(map(str, self.tasks))


def parse_path(path: str) -> CaptionRequest:
    """Read what follows ``api/`` in the path of a request.

    ``security=`` is accepted and means nothing: there is no server that could check it.

    Args:
        path: percent-encoded, as it stands in the address; without the query.

    Raises:
        ConfigurationError: it breaks the grammar, which is named.
    """
    if len(path) > LONGEST_PATH:
        raise _refused(f"That path has {len(path)} characters; the limit is {LONGEST_PATH}.")
    tasks: list[Task] = []
    uses_cache = True
    rest = path
    has_security = False
    while True:
        encoded, slash, rest = rest.partition("/")
        segment = _decoded(encoded)
        if segment == "caption":
            return CaptionRequest(tuple(tasks), _source(rest), uses_cache)
        if not slash:
            raise _refused("A path ends with caption/ and a source.")
        name, _, value = segment.partition("=")
        if name == "security" and not (has_security or tasks):
            if not _SECURITY.fullmatch(value.rstrip(",")):
                raise _refused("security takes policy and signature.")
            has_security = True
        elif name == "cache":
            if value not in {"true", "false"}:
                raise _refused("cache is true or false.")
            uses_cache = value == "true"
        else:
            tasks.append(parse_task(segment))
            if len(tasks) > MOST_TASKS:
                raise _refused(f"There are more than {MOST_TASKS} tasks.")


def methods_of(request: CaptionRequest) -> tuple[str, ...]:
    """Return the method that brings an image, or the one that names it."""
    return ("POST",) if request.source.kind == "body" else ("GET",)


def is_full(query: str) -> bool:
    """Read the query of a request: whether everything is to be told.

    Raises:
        ConfigurationError: it is more than ``full``, once.
    """
    pairs = parse_qsl(query, keep_blank_values=True)
    if not pairs:
        return False
    ((name, value), *others) = pairs
    if others or name != "full" or value not in _FLAGS:
        raise ConfigurationError("The query takes full=1, and nothing else.")
    return _FLAGS[value]


def _source(rest: str) -> Source:
    if not rest:
        return Source("body")
    if rest.startswith(_WEB):  # not encoded as a whole: it is an address as it stands
        return Source("url", _checked_url(rest))
    text = _decoded(rest)
    if _HANDLE.fullmatch(text):
        return Source("handle", text)
    if text.startswith("src://"):
        alias, slash, inside = text.removeprefix("src://").partition("/")
        parts = inside.split("/")
        is_path = slash and all(part not in {"", ".", ".."} for part in parts)
        if not (_ALIAS.fullmatch(alias) and is_path) or set(inside) & set("\\\0"):
            raise _refused("A source in a folder is written src://ALIAS/path.")
        return Source("alias", inside, alias)
    if text.startswith(_WEB):
        return Source("url", _checked_url(text))
    raise _refused(
        "A source is a handle (64 hexadecimal digits), an address with https:// or http://, or "
        "src://ALIAS/path."
    )


def _checked_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises for ports that are none
    except ValueError as error:
        raise _refused("That is not a web address.") from error
    # Blanks and control characters would end up in the request to that server.
    is_clean = not re.search(r"[\x00-\x20\x7f]", text)
    if not parts.hostname or parts.username or parts.password or parts.fragment or not is_clean:
        raise _refused("An address has a host, no user, no password and no fragment.")
    return text


def _decoded(text: str) -> str:
    try:
        return unquote_to_bytes(text).decode("utf-8")
    except UnicodeError as error:
        raise _refused("That path is not UTF-8.") from error


def _refused(what: str) -> ConfigurationError:
    return ConfigurationError(f"{what} It is written {GRAMMAR}")
