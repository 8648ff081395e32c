"""The grammar of the endpoint: what is read, and what is refused with the grammar named."""

from __future__ import annotations

import pytest

from pycore.endpoint.request_path import GRAMMAR, Source, parse_path
from pycore.endpoint.task_grammar import grammar_of, parse_task
from pycore.errors import ConfigurationError

HANDLE = "ab" * 32


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("caption", Source("body")),
        ("caption/", Source("body")),
        (f"caption/{HANDLE}", Source("handle", HANDLE)),
        ("caption/src://photos/2026/a%20b.jpg", Source("alias", "2026/a b.jpg", "photos")),
        ("caption/src%3A%2F%2Fphotos%2Fa.jpg", Source("alias", "a.jpg", "photos")),
        ("caption/https://example.org/a%20b.jpg", Source("url", "https://example.org/a%20b.jpg")),
        (
            "caption/https%3A%2F%2Fexample.org%2Fa.jpg%3Fw%3D1",
            Source("url", "https://example.org/a.jpg?w=1"),
        ),
    ],
)
def test_sources(path: str, source: Source) -> None:
    assert parse_path(path).source == source


def test_chains() -> None:
    request = parse_path(
        "security=policy:abc,signature:def/cache=false/resize=w:300,h:200,fit:crop,a:top/"
        f"crop=dim:[1,2,30,40]/rotate=d:90/flip/flop/monochrome/quality=v:80/"
        f"output=format:png/caption/{HANDLE}"
    )
    assert not request.uses_cache
    assert request.chain == (
        "resize=align:top,fit:crop,height:200,width:300/crop=dim:[1,2,30,40]/rotate=deg:90/flip/"
        "flop/monochrome/quality=value:80/output=format:png"
    )
    # Parameters in another order, or by their long names, are the same.
    same = parse_path(f"resize=height:200,width:300/caption/{HANDLE}")
    assert same.chain == parse_path(f"resize=w:300,h:200/caption/{HANDLE}").chain


@pytest.mark.parametrize(
    "path",
    [
        "",
        "capt",
        "resize=w:3",
        "caption/short",
        f"caption/{HANDLE.upper()}",
        "caption/file:///etc/passwd",
        "caption/ftp://example.org/a.jpg",
        "caption/src://photos",
        "caption/src://photos/../secret.jpg",
        "caption/src://photos/a/%2e%2e/b.jpg",
        "caption/src://photos//a.jpg",
        "caption/src://pho.tos/a.jpg",
        "caption/src://photos/a%5cb.jpg",
        "caption/src://photos/a%00b.jpg",
        "caption/https://user:word@example.org/a.jpg",
        "caption/https:///a.jpg",
        "caption/https://example.org:port/a.jpg",
        "caption/https%3A%2F%2Fexample.org%2Fa b.jpg",
        "caption/https%3A%2F%2Fexample.org%2Fa.jpg%0D%0AHost:x",
        "caption/%ff",
        "caption/\ud800",
        f"cache=maybe/caption/{HANDLE}",
        f"flip/security=policy:a/caption/{HANDLE}",
        f"security=key:a/caption/{HANDLE}",
        "flip/" * 17 + f"caption/{HANDLE}",
        "caption/https://example.org/" + "a" * 9000,
    ],
)
def test_wrong_paths_are_refused_with_the_grammar(path: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_path(path)
    assert GRAMMAR in caught.value.message or "The tasks are" in caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        "resize",
        "resize=fit:clip",
        "resize=w:0",
        "resize=w:10001",
        "resize=w:1e3",
        "resize=w:-3",
        "resize=w:٣",
        "resize=w:3,w:4",
        "resize=w:3,width:4",
        "resize=w",
        "resize=w:3,fit:full",
        "resize=w:3,deg:90",
        "crop",
        "crop=dim:1,2,3,4",
        "crop=dim:[1,2,3]",
        "crop=dim:[1,2,0,4]",
        "rotate=deg:360",
        "rotate",
        "flip=x:1",
        "quality=value:0",
        "quality=value:101",
        "output",
        "output=format:exe",
    ],
)
def test_wrong_values_are_refused_with_the_task(text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_task(text)
    assert grammar_of(text.partition("=")[0]) in caught.value.message


def test_unknown_tasks_are_refused_with_those_there_are() -> None:
    with pytest.raises(ConfigurationError, match="resize, crop, rotate, flip, flop, monochrome"):
        parse_task("blur=amount:3")
