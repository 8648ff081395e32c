"""``api/.../caption`` on the built site: a program on one page, a Seesay window that answers."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import FIXTURES, OpenPage, PageFactory
from tests.browser.page_steps import wait_until_running
from tests.contract.endpoint.openapi import OPENAPI, check_response

BEE = (FIXTURES / "scenes-128" / "5-a-bee-on-a-street.png").read_bytes()
HANDLE = hashlib.sha256(BEE).hexdigest()
SAID = {"caption": "a bee on a street"}
IMAGES = "https://images.example"

# Asks as a program does; bytes come as a list of numbers.
ASK = """async ({ target, body, form }) => {
  const file = body && new Blob([new Uint8Array(body)], { type: "image/png" });
  const data = form ? new FormData() : file;
  if (form) data.append("file", file, "bee.png");
  const options = body ? { method: "POST", body: data } : {};
  const response = await fetch(target, options);
  const headers = Object.fromEntries(response.headers);
  return { status: response.status, headers, answer: await response.json() };
}"""


def ask(page: Page, target: str, body: bytes | None = None, *, form: bool = False) -> Any:
    """Ask, hold the answer to the OpenAPI file, and return status and answer."""
    given = {"target": target, "body": body and list(body), "form": form}
    found = page.evaluate(ASK, given)
    path = "/api/{task}/caption" if body else "/api/{task}/caption/{source}"
    operation = OPENAPI["paths"][path]["post" if body else "get"]
    check_response(operation, found["status"], found["headers"], found["answer"])
    if found["status"] == 503:
        assert found["headers"]["retry-after"].isdigit()
    return found["status"], found["answer"]


def code_of(answered: tuple[int, Any]) -> tuple[int, str]:
    status, answer = answered
    return status, answer["error"]["code"]


def open_program(opened: OpenPage) -> Page:
    """Open a page that only asks: one of the site's that is no Seesay window."""
    wait_until_running(opened.page)
    opened.page.evaluate("() => navigator.serviceWorker.ready")
    # What the tests send on purpose is refused, and Chromium notes each refusal.
    opened.watch.ignored.append("the server responded with a status of")
    program = opened.context.new_page()
    program.goto(f"{opened.server.url}licences.html")
    assert program.evaluate("navigator.serviceWorker.controller !== null")
    return program


def test_a_program_gets_captions_from_an_open_window(open_page: PageFactory) -> None:
    opened = open_page(service_workers="allow")
    program = open_program(opened)
    assert ask(program, "api/caption", BEE) == (200, SAID)
    assert ask(program, "api/flop/flop/caption", BEE, form=True) == (200, SAID)
    assert ask(program, f"api/resize=w:100/caption/{HANDLE}") == (200, SAID)
    status, full = ask(program, f"api/security=p:a,s:b/cache=false/caption/{HANDLE}?full=1")
    assert status == 200
    assert set(full) >= {"candidates", "keywords", "confidence", "timings", "model"}
    for target, expected in {
        f"api/blur/caption/{HANDLE}": (400, "configuration"),
        f"api/caption/{HANDLE}?full=yes": (400, "configuration"),
        "api/caption/file:///etc/passwd": (400, "configuration"),
        f"api/caption/{'0' * 64}": (404, "not_found"),
        "api/caption/src://nobody/bee.png": (404, "not_found"),
        "api/caption/http://127.0.0.1:1/bee.png": (403, "forbidden"),
        "api/caption": (405, "method_not_allowed"),
    }.items():
        assert code_of(ask(program, target)) == expected
    assert code_of(ask(program, "api/caption", b"no image")) == (415, "unsupported_image")
    assert ask(program, "api/caption", BEE) == (200, SAID)


def test_folders_and_sites_that_a_person_granted(open_page: PageFactory) -> None:
    opened = open_page(allowed=(IMAGES,), service_workers="allow")
    program = open_program(opened)
    page = opened.page
    # The browser's private folder stands in for one on the disk, which no test can choose.
    page.evaluate(
        """async (bytes) => {
          const root = await navigator.storage.getDirectory();
          const deep = await root.getDirectoryHandle("deep", { create: true });
          const file = await deep.getFileHandle("bee.png", { create: true });
          const writable = await file.createWritable();
          await writable.write(new Uint8Array(bytes));
          await writable.close();
          window.showDirectoryPicker = async () => root;
        }""",
        list(BEE),
    )
    page.locator("#programs summary").click()
    page.get_by_label("Name for programs").fill("ph/otos")
    page.get_by_role("button", name="Choose a folder").click()
    expect(page.locator("#programs-problem")).to_contain_text("A name has letters")
    page.get_by_label("Name for programs").fill("photos")
    page.get_by_role("button", name="Choose a folder").click()
    expect(page.locator("#granted-folders")).to_contain_text("photos")
    assert ask(program, "api/caption/src://photos/deep/bee.png") == (200, SAID)
    assert code_of(ask(program, "api/caption/src://photos/deep")) == (404, "not_found")
    page.get_by_role("button", name="Revoke: photos").click()
    expect(page.locator("#granted-folders")).to_have_text("None yet.")
    assert code_of(ask(program, "api/caption/src://photos/deep/bee.png")) == (404, "not_found")

    answers: dict[str, dict[str, Any]] = {
        "bee.png": {"body": BEE, "headers": {"Access-Control-Allow-Origin": "*"}},
        "closed.png": {
            "body": BEE,
            "headers": {"Access-Control-Allow-Origin": "https://else.example"},
        },
        "lost.png": {"status": 404, "headers": {"Access-Control-Allow-Origin": "*"}},
        "away.png": {"status": 302, "headers": {"Location": f"{IMAGES}/bee.png"}},
    }
    opened.context.route(
        f"{IMAGES}/*", lambda route: route.fulfill(**answers[route.request.url.split("/")[-1]])
    )
    opened.watch.ignored += ["has been blocked by CORS policy", "net::ERR_FAILED"]

    def answering(answer: str) -> Any:
        with program.expect_event("console", lambda said: said.type == "log") as said:
            program.evaluate(
                """(target) => void fetch(target).then(async (response) =>
                  console.log(JSON.stringify([response.status, await response.json()])))""",
                f"api/caption/{IMAGES}/bee.png",
            )
            page.get_by_role("button", name=answer).click()
        return tuple(json.loads(said.value.text))

    assert answering("Allow this site") == (200, SAID)
    assert ask(program, f"api/caption/{IMAGES}/bee.png") == (200, SAID)  # not asked again
    assert code_of(ask(program, f"api/caption/{IMAGES}/away.png")) == (403, "forbidden")
    for name in ("closed.png", "lost.png"):
        assert code_of(ask(program, f"api/caption/{IMAGES}/{name}")) == (502, "network")
    page.locator("#programs summary").click()
    page.locator("#programs summary").click()
    page.get_by_role("button", name=f"Revoke: {IMAGES}").click()
    expect(page.locator("#granted-sites")).to_have_text("None yet.")
    leaving = opened.context.new_page()
    leaving.goto(program.url)
    leaving.evaluate("(target) => void fetch(target)", f"api/caption/{IMAGES}/bee.png")
    question = page.get_by_role("dialog")
    expect(question).to_contain_text(IMAGES)
    leaving.close()
    expect(question).to_have_count(0)  # nobody waits for the answer any more
    assert code_of(answering("Refuse")) == (403, "forbidden")


def test_no_window_no_caption_and_links_get_none(open_page: PageFactory) -> None:
    opened = open_page(service_workers="allow")
    program = open_program(opened)
    target = f"{opened.server.url}api/caption/{HANDLE}"
    seen = opened.context.new_page()
    response = seen.goto(target)
    assert response
    assert (response.status, response.json()["error"]["code"]) == (403, "forbidden")
    loaded = """(src) => new Promise((resolve) => {
      const image = Object.assign(new Image(), { src });
      image.onload = image.onerror = ({ type }) => resolve(type);
    })"""
    assert program.evaluate(loaded, target) == "error"
    seen.close()

    # The window is closed while it works: it waits for a person's word about a site.
    program.evaluate(
        "(target) => { window.asked = fetch(target).then((response) => response.json()); }",
        f"api/caption/{IMAGES}/bee.png",
    )
    expect(opened.page.get_by_role("dialog")).to_contain_text(IMAGES)
    opened.page.close()
    assert program.evaluate("window.asked")["error"]["code"] == "no_window"
    assert code_of(ask(program, "api/caption", BEE)) == (503, "no_window")
