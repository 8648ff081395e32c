"""The response headers that the site wants, in one place for every host."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from tools.project import BuildError

CSP = "Content-Security-Policy"
EMBED_FRAME = "embed.html"
EMBED_SCRIPT = "embed.mjs"
IMAGE_FETCH = "image_fetch.mjs"
"""The worker that may connect to any site; see worker/service/image_fetch.mjs."""

_ORIGIN = re.compile(r"(https?)://([a-z0-9.-]+)(?::([1-9][0-9]{0,4}))?/?")
_PORTS = {"http": "80", "https": "443"}

# The official hub and the hosts that it has redirected large files to.
HUB_SOURCES = ("https://huggingface.co", "https://*.huggingface.co", "https://*.hf.co")


def content_security_policy(
    hub: str | None,
    *,
    in_page: bool = False,
    embed_origins: Sequence[str] = (),
    framed: bool = False,
) -> str:
    """Return the policy of the page and of its workers.

    Args:
        hub: address of a mirror of the hub that the app may ask as well, or None.
        in_page: for a ``<meta>`` element, where ``frame-ancestors`` is not allowed.
        embed_origins: of pages that may embed the frame, and may have models for it.
        framed: of the frame itself.
    """
    mirror = [hub_origin(hub)] if hub else []
    # blob: is what the page itself made; such addresses lead nowhere else.
    connect = " ".join(("'self'", "blob:", *HUB_SOURCES, *mirror, *embed_origins))
    directives = [
        "default-src 'self'",
        "script-src 'self' 'wasm-unsafe-eval'",
        f"connect-src {connect}",
        "img-src 'self' blob: data:",
        "style-src 'self'",
        "worker-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    if not in_page:
        ancestors = ["'self'", *(embed_origins if framed else ())]
        directives.append(f"frame-ancestors {' '.join(ancestors)}")
    return "; ".join(directives)


def hub_origin(hub: str) -> str:
    """Return the origin of a hub's address.

    Raises:
        BuildError: the address is not an absolute http(s) address.
    """
    parts = urlsplit(hub)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise BuildError(f"The hub's address must begin with http:// or https://, not {hub!r}.")
    return f"{parts.scheme}://{parts.netloc}"


def check_origin(origin: str) -> str:
    """Return an origin that may embed the frame, as browsers write it.

    Raises:
        BuildError: it is none; ``*`` is none either.
    """
    found = _ORIGIN.fullmatch(origin.lower())
    if not found:
        raise BuildError(
            f"--embed-origin takes an origin like https://example.org, not {origin!r}."
        )
    scheme, host, port = found.groups()
    # Browsers leave out the port that a scheme has anyway.
    is_usual = port in {None, _PORTS[scheme]}
    return f"{scheme}://{host}" if is_usual else f"{scheme}://{host}:{port}"


def headers(hub: str | None, embed_origins: Sequence[str] = ()) -> dict[str, str]:
    """Return the headers of every response: isolation, the policy, and no surprises."""
    return {
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Embedder-Policy": "require-corp",
        "Cross-Origin-Resource-Policy": "same-origin",
        CSP: content_security_policy(hub, embed_origins=embed_origins),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }


def headers_by_place(
    hub: str | None, embed_origins: Sequence[str] = ()
) -> dict[str, dict[str, str]]:
    """Return the headers of the files that have others; "" stands for all the rest."""
    common = headers(hub, embed_origins)
    # Pages with an embedder policy of their own load from elsewhere only what says so.
    public = {**common, "Cross-Origin-Resource-Policy": "cross-origin"}
    framed = content_security_policy(hub, embed_origins=embed_origins, framed=True)
    anywhere = (
        "default-src 'none'; connect-src https: http:"  # fetches images that a person allowed
    )
    return {
        "": common,
        EMBED_FRAME: {**public, CSP: framed},
        EMBED_SCRIPT: {**public, "Access-Control-Allow-Origin": "*"},
        IMAGE_FETCH: {**common, CSP: anywhere},
    }


def headers_file(hub: str | None, names: Iterable[str], embed_origins: Sequence[str] = ()) -> str:
    """Return ``_headers``, as Netlify, Cloudflare Pages and others read it.

    Where several sections fit an address, hosts send the headers of all of them. So what differs
    by file stands in sections that do not overlap.

    Args:
        hub: as for ``content_security_policy``.
        names: of the files and folders at the root of the site; folders end with a slash.
        embed_origins: likewise.
    """
    places = headers_by_place(hub, embed_origins)
    common = {
        name: value
        for name, value in places[""].items()
        if all(one.get(name) == value for one in places.values())
    }
    sections = {"/*": common}
    for name in ("", *sorted(names)):
        own = places.get(name, places[""])
        pattern = f"/{name}*" if name.endswith("/") else f"/{name}"
        # Cloudflare Pages sends a page under its name without the ending.
        for one in sorted({pattern, pattern.removesuffix(".html")}):
            sections[one] = {key: own[key] for key in own if key not in common}
    return "".join(
        f"{pattern}\n" + "".join(f"  {name}: {value}\n" for name, value in found.items())
        for pattern, found in sections.items()
    )


def parse_headers_file(text: str) -> dict[str, dict[str, str]]:
    """Return the headers of each section of a ``_headers`` file, by its pattern."""
    sections: dict[str, dict[str, str]] = {}
    section: dict[str, str] = {}
    for line in text.splitlines():
        if line.startswith(" "):
            name, _, value = line.partition(":")
            section[name.strip()] = value.strip()
        else:
            section = sections.setdefault(line, {})
    return sections
