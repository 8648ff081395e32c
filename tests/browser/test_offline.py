"""Without a network, and from one version to the next: the service worker in a real browser."""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, Response, expect

from tests.browser.conftest import ContextFactory, OpenPage, PageFactory
from tests.browser.page_steps import (
    WAIT_MS,
    button,
    caption_region,
    change_file,
    choose_drawing,
    choose_model,
    generate,
    wait_until_kept,
    wait_until_running,
)
from tools.project import ROOT
from tools.server import SiteServer

SERVE = """
import sys
from pathlib import Path
from tools.server import serve
with serve(Path(sys.argv[1]), isolated=sys.argv[2] == "True") as server:
    print(server.url, flush=True)
    sys.stdin.read()
"""
KEPT = """async () => {
  const kept = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const key of await cache.keys()) {
      const response = await cache.match(key);
      const digest = await crypto.subtle.digest("SHA-256", await response.arrayBuffer());
      const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0"));
      kept.push({ cache: name, key: key.url, status: response.status, sha256: hex.join("") });
    }
  }
  return kept;
}"""


@pytest.fixture
def new_context(new_context: ContextFactory) -> ContextFactory:
    """Return what makes a context, here with the service worker."""
    return partial(new_context, service_workers="allow")


@contextmanager
def server_process(
    site: Path, *, isolated: bool = True, port: int = 0
) -> Iterator[SimpleNamespace]:
    """Serve a site from a process of its own, which ``stop`` ends with all its connections."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, site, str(isolated)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdin

    def stop() -> None:
        process.send_signal(signal.SIGKILL)
        process.wait()

    try:
        yield SimpleNamespace(url=process.stdout.readline().strip(), stop=stop)
    finally:
        stop()
        process.stdin.close()
        process.stdout.close()


def sha256_of(site: Path, url: str) -> str:
    """Return the digest of a file of the site."""
    return hashlib.sha256((site / url).read_bytes()).hexdigest()


def expect_headers_where_they_count(page: Page, response: Response | None) -> None:
    """See that a page of a host without headers has the site's, and that other files have not."""
    assert response
    assert response.headers["cross-origin-opener-policy"] == "same-origin"
    assert response.headers["cross-origin-embedder-policy"] == "require-corp"
    assert "script-src 'self' 'wasm-unsafe-eval';" in response.headers["content-security-policy"]
    headers = page.evaluate(
        """async () => {
          return [...(await fetch("styles/style.css")).headers.keys()];
        }"""
    )
    assert "content-security-policy" not in headers


@pytest.mark.parametrize("isolated", [True, False])
def test_everything_works_with_the_server_gone(
    new_context: ContextFactory, site_dir: Path, isolated: bool
) -> None:
    with server_process(site_dir, isolated=isolated) as server:
        context, watch = new_context(
            allowed=(server.url,), permissions=["clipboard-read", "clipboard-write"]
        )
        page = context.pages[0]
        page.goto(server.url)
        assert page.evaluate("crossOriginIsolated") is isolated
        wait_until_kept(page)
        server.stop()
        watch.ignored.append("ERR_CONNECTION_REFUSED")  # the look for an update of the worker
        response = page.reload()
        if not isolated:
            expect_headers_where_they_count(page, response)
        assert page.evaluate("crossOriginIsolated") is True
        choose_drawing(page, "new.png")
        caption = generate(page)  # its worker started under the page's embedder policy
        button(page, "Copy").click()
        expect(caption_region(page).get_by_text("Copied", exact=True)).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == caption
        another = context.new_page()
        another.goto(f"{server.url}?from=elsewhere")
        choose_drawing(another)
        assert generate(another) == caption


def test_only_right_files_are_kept(open_page: PageFactory, private_server: SiteServer) -> None:
    wasm = private_server.folder / "runtime/ort/ort-wasm-simd-threaded.wasm"
    good = wasm.read_bytes()
    opened = open_page(server=private_server)
    page = opened.page
    wait_until_kept(page)
    page.evaluate("caches.keys().then((names) => Promise.all(names.map((n) => caches.delete(n))))")
    wrong = good[:-1] + b"?"
    wasm.write_bytes(wrong)
    opened.watch.ignored.append("502 (Wrong file)")
    response = page.evaluate(
        "fetch('runtime/ort/ort-wasm-simd-threaded.wasm').then((r) => [r.status, r.statusText])"
    )
    assert response == [502, "Wrong file"]
    assert page.evaluate("fetch('styles/style.css').then((response) => response.status)") == 200
    assert page.evaluate("fetch('licences.html?x').then((response) => response.status)") == 200
    kept = {entry["sha256"] for entry in page.evaluate(KEPT)}
    assert sha256_of(private_server.folder, "styles/style.css") in kept
    assert sha256_of(private_server.folder, "licences.html") not in kept
    assert not kept & {hashlib.sha256(good).hexdigest(), hashlib.sha256(wrong).hexdigest()}
    wasm.write_bytes(good)
    page.reload()
    wait_until_kept(page)
    kept = page.evaluate(KEPT)
    assert sha256_of(private_server.folder, str(wasm.relative_to(private_server.folder))) in {
        entry["sha256"] for entry in kept
    }
    for entry in kept:
        assert entry["key"].endswith(entry["sha256"])
        assert entry["status"] == 200


def test_cut_installation_leaves_nothing_behind(
    new_context: ContextFactory, private_server: SiteServer
) -> None:
    sheet = private_server.folder / "styles/style.css"
    good = sheet.read_bytes()
    sheet.write_bytes(good + b"/* of another version */")
    context, watch = new_context(allowed=(private_server.url,))
    context.add_init_script(
        """{
          const { register } = ServiceWorkerContainer.prototype;
          window.outcome = new Promise((resolve) => {
            ServiceWorkerContainer.prototype.register = async function (url) {
              const registration = await register.call(this, url);
              const { installing, waiting, active } = registration;
              const { state } = installing ?? waiting ?? active ?? { state: "redundant" };
              if (state !== "installing") resolve(state);
              installing?.addEventListener("statechange", () => resolve(installing.state));
              return registration;
            };
          });
        }"""
    )
    page = context.pages[0]
    page.goto(private_server.url)
    assert page.evaluate("window.outcome") == "redundant"
    assert page.evaluate(KEPT) == []
    choose_drawing(page)
    generate(page)  # with the network, all is well
    off = "Offline use is off here: styles/style.css is not the file that was built"
    expect(page.get_by_text(off)).to_be_visible()
    expect(page.get_by_text("no network after the first visit")).to_be_hidden()
    page.get_by_text("Diagnostics", exact=True).click()
    expect(page.get_by_text(f'"offline": "{off}')).to_be_visible()
    sheet.write_bytes(good)
    # What hosts do to pages keeps nothing from being kept; a missing file is named.
    index = private_server.folder / "index.html"
    index.write_bytes(index.read_bytes().replace(b"</body>", b"<!-- the host's --></body>"))
    licences = private_server.folder / "licences.html"
    hidden = licences.rename(licences.with_suffix(".hidden"))
    watch.ignored.append("404")
    page.reload()
    expect(page.get_by_text("yet: the server answers 404 for licences.html.")).to_be_visible()
    hidden.rename(licences)
    page.reload()
    wait_until_kept(page)
    assert page.evaluate("document.documentElement.outerHTML.includes('<!-- the host')")


def test_download_goes_on_where_it_stopped(
    open_page: PageFactory, private_server: SiteServer
) -> None:
    archive = private_server.folder / "runtime" / "python.pack"
    hidden = archive.rename(archive.with_suffix(".hidden"))
    opened = open_page(server=private_server)
    opened.watch.ignored.append("python.pack")
    page = opened.page
    expect(page.get_by_role("alert")).not_to_be_empty(timeout=WAIT_MS)
    answer = page.evaluate(
        """async () => {
          const { active } = await navigator.serviceWorker.ready;
          const answer = new Promise((resolve) => {
            const listen = (event) => resolve(event.data.kind);
            navigator.serviceWorker.addEventListener("message", listen);
          });
          active.postMessage({ kind: "fill" });
          return answer;
        }"""
    )
    assert answer == "incomplete"
    hidden.rename(archive)
    private_server.requests.clear()
    page.reload()
    wait_until_kept(page)
    assert "/runtime/python.pack" in private_server.requests
    assert "/runtime/pyodide/pyodide.asm.wasm" not in private_server.requests


def test_worker_waits_for_the_page_on_the_first_visit_alone(
    open_page: PageFactory, private_server: SiteServer
) -> None:
    page = open_page(server=private_server).page
    wait_until_kept(page)
    page.add_init_script(
        """
        globalThis.Worker = class extends Worker {
          constructor(...options) {
            globalThis.madeBy = new Error().stack;
            globalThis.madeAfter = performance.getEntriesByType("resource").map(({ name }) => name);
            super(...options);
          }
        };
        """
    )
    page.reload()
    wait_until_kept(page)
    assert "micropython" not in page.evaluate("madeBy")
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setBypassServiceWorker", {"bypass": True})
    page.reload()
    wait_until_running(page)
    arrived = page.evaluate("madeAfter")
    for name in ("page/app.py", "runtime/micropython/micropython.wasm"):
        assert any(url.endswith(name) for url in arrived)


def offer_second_version(opened: OpenPage) -> None:
    """Deploy a version whose style sheet says so, and let the page look for it and offer it."""
    site = opened.server.folder
    change_file(
        site, "styles/style.css", (site / "styles/style.css").read_bytes() + b"/* second */"
    )
    opened.page.reload()
    expect(opened.page.get_by_text("A new version is ready.")).to_be_visible(timeout=WAIT_MS)


def wait_until_alone(opened: OpenPage) -> None:
    """Wait until the browser has forgotten closed tabs and pages before a reload."""
    (worker, *_) = opened.context.service_workers
    worker.evaluate(
        """async () => {
          const all = { type: "window", includeUncontrolled: true };
          while ((await clients.matchAll(all)).length > 1);
        }"""
    )


def style(page: Page) -> str:
    """Return the style sheet that the page gets."""
    text = page.evaluate("fetch('styles/style.css').then((response) => response.text())")
    assert isinstance(text, str)
    return text


def load_second_version(page: Page) -> None:
    """Take the offered version, and see that the page has its style sheet."""
    with page.expect_navigation():
        button(page, "Update now").click()
    assert "second" in style(page)


def test_update_is_offered_waits_for_other_tabs_and_is_never_mixed(
    open_page: PageFactory, private_server: SiteServer
) -> None:
    opened = open_page(server=private_server)
    page = opened.page
    wait_until_kept(page)
    kept_before = {entry["key"] for entry in page.evaluate(KEPT)}
    page.evaluate("caches.open('seesay-model-x').then((c) => c.put('/m', new Response('weights')))")
    other = opened.context.new_page()
    other.goto(private_server.url)
    private_server.requests.clear()
    offer_second_version(opened)
    fetched = [path for path in private_server.requests if path.startswith("/runtime/")]
    assert fetched == []  # what both versions have is not fetched again
    choose_drawing(page)
    generate(page)
    button(page, "Update now").click()
    expect(page.get_by_text("Close the other tabs")).to_be_visible()
    for tab in (page, other):  # the first version stays whole until then
        assert "second" not in style(tab)
    other.close()
    wait_until_alone(opened)
    load_second_version(page)
    expect(page.get_by_text("A new version is ready.")).to_be_hidden()
    wait_until_kept(page)
    kept = page.evaluate(KEPT)
    assert "seesay-model-x" in {entry["cache"] for entry in kept}
    files = {entry["key"] for entry in kept if entry["cache"] != "seesay-model-x"}
    assert len(files) == len(kept_before)
    assert len(files - kept_before) == 1
    choose_drawing(page)
    generate(page)


def test_second_click_on_update_finds_the_new_version(
    open_page: PageFactory, private_server: SiteServer
) -> None:
    opened = open_page(server=private_server)
    page = opened.page
    wait_until_kept(page)
    offer_second_version(opened)
    wait_until_alone(opened)
    page.evaluate(  # what the first click does; a slow page is still there for another
        """async () => {
          const { waiting } = await navigator.serviceWorker.getRegistration();
          const changed = new Promise((resolve) =>
            navigator.serviceWorker.addEventListener("controllerchange", () => resolve(null)));
          waiting.postMessage({ kind: "activate" });
          await changed;
        }"""
    )
    load_second_version(page)


def test_other_sites_of_the_same_host_are_left_alone(
    new_context: ContextFactory, site_dir: Path, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        shutil.copytree(site_dir, tmp_path / "host" / name)
    shutil.copy(site_dir / "_headers", tmp_path / "host" / "_headers")
    with server_process(tmp_path / "host") as server:
        context, watch = new_context(allowed=(server.url,))
        page = context.pages[0]
        for name in ("one", "two"):
            page.goto(f"{server.url}{name}/")
            wait_until_kept(page)
        page.evaluate(
            """async () => {
              const cache = await caches.open("another app");
              await cache.put("/large", new Response(new Uint8Array(30_000_000)));
            }"""
        )
        caches = {entry["cache"] for entry in page.evaluate(KEPT)}
        assert caches == {"another app", "seesay-files:/one/", "seesay-files:/two/"}
        server.stop()
        watch.ignored.append("ERR_CONNECTION_REFUSED")
        page.goto(f"{server.url}one/")
        choose_drawing(page)
        generate(page)
        # Seesay's own, in both folders; not what other apps of this host keep.
        assets = json.loads((site_dir / "assets.json").read_text(encoding="utf-8"))
        entries = [entry for name in ("boot", "runtime", "model") for entry in assets[name]]
        sizes = {entry["sha256"]: entry["size_bytes"] for entry in entries}
        kept = f"· {2 * sum(sizes.values()) / 1e6:.0f} MB kept on this device"
        expect(page.get_by_text(kept)).to_be_visible(timeout=WAIT_MS)


def test_insecure_address_promises_nothing(
    new_context: ContextFactory, plain_server: SiteServer
) -> None:
    # A proxy makes a name of the server's address; names other than localhost are not secure.
    context, _ = new_context(
        allowed=("http://seesay.test",), proxy={"server": plain_server.url.rstrip("/")}
    )
    page = context.pages[0]
    page.goto("http://seesay.test/")
    expect(page.get_by_text("Offline use is off here: this address is not secure")).to_be_visible()
    expect(page.get_by_text("no network after the first visit")).to_be_hidden()
    expect(page.get_by_text("· nothing kept on this device")).to_be_visible(timeout=WAIT_MS)
    choose_model(page, "vit-gpt2")
    expect(page.get_by_text("not kept on this device: it is here until you leave")).to_be_visible()


def test_service_worker_that_does_not_come_is_said(open_page: PageFactory) -> None:
    script = """if (self.isSecureContext) {
      ServiceWorkerContainer.prototype.register = async () => {
        throw new TypeError("A bad HTTP response code (404) was received.");
      };
    }"""
    page = open_page(script=script).page
    expect(page.get_by_text("use is off here: service_worker.js could not be")).to_be_visible()
    expect(page.get_by_text("no network after the first visit")).to_be_hidden()
