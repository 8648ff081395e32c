"""The frame embed.html in pages of other origins: the documentation's samples, and strangers."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Route, expect

from tests.browser.conftest import EMBEDDER, FIXTURES, ContextFactory, OpenPage
from tests.browser.hub import LocalHub
from tests.browser.model_driver import COMMIT, MODEL, model_files
from tools.project import ROOT
from tools.server import SiteServer

BEE_FILE = FIXTURES / "scenes-128" / "5-a-bee-on-a-street.png"
CAPTION = "a bee on a street"
SITE = "https://seesay.example/"
STRANGER = "https://stranger.example"


def embed(
    new_context: ContextFactory,
    server: SiteServer,
    sample: str,
    *,
    origin: str = EMBEDDER,
    headers: dict[str, str] | None = None,
    is_copied: bool = False,
) -> OpenPage:
    """Open a sample on an origin that is not the site's, with embed.mjs from there or copied."""
    context, watch = new_context(allowed=(server.url, origin), service_workers="allow")
    text = (ROOT / "docs" / "samples" / sample).read_text("utf-8")
    if is_copied:
        text = text.replace(f"{SITE}embed.mjs", "./embed.mjs")
        text = text.replace("connectSeesay()", f'connectSeesay({{ site: "{server.url}" }})')
    text = text.replace(SITE, server.url)

    def answer(route: Route) -> None:
        name = route.request.url.rpartition("/")[2]
        if name == sample:
            route.fulfill(body=text, content_type="text/html", headers=headers or {})
        elif name == "bee.png":
            route.fulfill(path=BEE_FILE)
        elif name == "embed.mjs":
            route.fulfill(path=ROOT / "web" / name, content_type="text/javascript")
        else:
            route.fulfill(status=404)

    # The site is on this machine, which pages of other networks may not reach unasked.
    permissions = ["local-network-access", "clipboard-read", "clipboard-write"]
    context.grant_permissions(permissions, origin=origin)
    context.route(f"{origin}/**", answer)
    watch.ignored.append("the server responded with a status of 404")
    page = context.pages[0]
    page.goto(f"{origin}/{sample}")
    return OpenPage(page, context, watch, server)


def test_choose_caption_and_copy(new_context: ContextFactory, isolated_server: SiteServer) -> None:
    headers = {
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Embedder-Policy": "require-corp",
    }
    opened = embed(new_context, isolated_server, "copy_caption.html", headers=headers)
    page = opened.page
    page.get_by_label("Image").set_input_files(BEE_FILE)
    expect(page.get_by_role("status")).to_have_text(CAPTION)
    assert page.evaluate("crossOriginIsolated")
    assert page.frames[1].evaluate("crossOriginIsolated")
    page.get_by_role("button", name="Copy Caption").click()
    expect(page.get_by_role("status")).to_have_text("Caption copied to clipboard!")
    assert page.evaluate("navigator.clipboard.readText()") == CAPTION


def test_missing_alt_is_filled_and_what_there_is_stays(
    new_context: ContextFactory, isolated_server: SiteServer
) -> None:
    headers = {"Cross-Origin-Embedder-Policy": "credentialless"}
    opened = embed(new_context, isolated_server, "fill_alt.html", headers=headers)
    expect(opened.page.locator("html[data-filled]")).to_be_attached()
    alts = "(images) => images.map((image) => image.getAttribute('alt'))"
    found = opened.page.locator("img").evaluate_all(alts)
    assert found == [CAPTION, "Our mascot", "", None]
    assert len(opened.page.frames) == 1


def test_an_editor_and_a_host_without_headers(
    new_context: ContextFactory, plain_server: SiteServer
) -> None:
    page = embed(new_context, plain_server, "editor_field.html", is_copied=True).page
    page.get_by_role("button", name="Write a draft").click()
    expect(page.get_by_label("Alternative text")).to_have_value(CAPTION)
    expect(page.locator("img")).to_have_attribute("alt", CAPTION)


def test_a_model_from_the_embedder_and_a_frame_that_goes(
    new_context: ContextFactory, isolated_server: SiteServer
) -> None:
    opened = embed(new_context, isolated_server, "editor_field.html")
    with LocalHub.start() as hub:
        hub.add("test/tiny", COMMIT, model_files(padding=8))
        opened.context.route(f"{EMBEDDER}/models/**", lambda route: answer_as(hub, route))
        said = opened.page.evaluate(
            """async ({ site, model, bytes }) => {
              const { connectSeesay } = await import(new URL("embed.mjs", site));
              const seesay = await connectSeesay({ model, hub: "/models/" });
              const { state } = await seesay.download(model);
              const image = await createImageBitmap(new Blob([new Uint8Array(bytes)]));
              const result = await seesay.caption(image, { maxNewTokens: 4, numBeams: 1 });
              const removed = () => document.querySelector("iframe")?.remove();
              const lost = seesay.caption(image, { onProgress: removed });
              const code = await lost.catch((error) => error.code);
              const later = await seesay.caption(image).catch((error) => error.code);
              return [state, result.model.id, code, later];
            }""",
            {"site": isolated_server.url, "model": MODEL, "bytes": list(BEE_FILE.read_bytes())},
        )
    assert said == ["ready", MODEL, "frame_lost", "frame_lost"]


def answer_as(hub: LocalHub, route: Route) -> None:
    """Answer from the embedding site as the documentation says: the hub's layout, and CORS."""
    url = urlsplit(route.request.url)
    match url.path.removeprefix("/models/").split("/"):
        case ["api", "models", owner, name, "revision", revision]:
            assert parse_qs(url.query) == {"blobs": ["true"]}
            body = json.dumps(hub.describe(f"{owner}/{name}", revision)).encode()
        case [owner, name, "resolve", revision, *path]:
            found = hub.find(f"{owner}/{name}", revision, "/".join(path))
            assert isinstance(found, bytes), url.path
            body = found
        case _:
            raise AssertionError(url.path)
    site = urlsplit(route.request.headers["origin"])
    route.fulfill(body=body, headers={"Access-Control-Allow-Origin": site.geturl()})


def test_strangers_get_no_frame_and_are_told(
    new_context: ContextFactory, isolated_server: SiteServer
) -> None:
    opened = embed(new_context, isolated_server, "editor_field.html", origin=STRANGER)
    opened.watch.ignored += ["frame-ancestors", "Refused to frame"]
    opened.page.get_by_role("button", name="Write a draft").click()
    expect(opened.page.get_by_role("status")).to_contain_text(f"--embed-origin {STRANGER}")
