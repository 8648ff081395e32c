"""The library's worker in a browser: kept, found sound after kills, taken over, taken away."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import PageFactory
from tests.unit.library.library_samples import add, new_database, new_library
from tools import npm, site
from tools.files import copy, write_text
from tools.headers import headers_file
from tools.project import ROOT
from tools.server import SiteServer, serve

KILLS = 20


@pytest.fixture(scope="module")
def library_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SiteServer]:
    """Return a server of the worker alone, under the site's policy: it needs nothing else."""
    npm.ensure("site")
    folder = tmp_path_factory.mktemp("library")
    shutil.copytree(ROOT / "worker" / "library", folder / "worker" / "library")
    site.write_library_sql(folder / "worker" / "library")
    _, patterns = site.RUNTIME["runtime/sqlite"]
    for pattern in patterns:
        source = npm.package("@sqlite.org/sqlite-wasm") / pattern
        copy(source, folder / "runtime" / "sqlite" / source.name)
    for name in ("library.html", "library.mjs"):
        copy(ROOT / "tests" / "browser" / "pages" / name, folder / name)
    write_text(folder / "_headers", headers_file(None, []))
    with serve(folder, isolated=True) as server:
        yield server


@pytest.fixture
def page(open_page: PageFactory, library_server: SiteServer) -> Page:
    """Return the page in a context of its own: nothing is kept there yet."""
    opened = open_page(server=library_server, path="library.html")
    opened.page.wait_for_load_state()
    return opened.page


def test_what_is_written_is_kept_and_goes_when_it_is_told_to(page: Page) -> None:
    assert page.evaluate("library.kept()") == []
    first = """async () => {
        const client = new library.Client();
        const { where } = await client.ask("open", { lasting: true });
        await library.add(client, 1, "a brown dog");
        const refused = await client.run(["no_such"]).catch(({ code }) => code);
        client.kill();
        return [where, refused];
    }"""
    assert page.evaluate(first) == ["device", "protocol"]
    page.reload()
    again = """async () => {
        const client = globalThis.client = new library.Client();
        await client.ask("open", { lasting: true, takeOver: true });
        return library.state(client);
    }"""
    assert page.evaluate(again) == {"integrity": "ok", "captions": 1, "found": 1, "count": 1}
    page.evaluate("client.ask('erase')")
    assert page.evaluate("library.kept()") == []


def test_killed_in_the_middle_of_writing(page: Page) -> None:
    found = page.evaluate(f"library.killed({KILLS})")
    assert found["integrity"] == "ok"
    assert found["said"] <= found["captions"] <= found["said"] + KILLS
    assert found["captions"] == found["found"] == found["count"]


def test_out_in_and_what_is_not_taken(page: Page, tmp_path: Path) -> None:
    database = new_database(tmp_path / "library.sqlite")
    add(new_library(database), 1, "a dog from elsewhere")
    whole = list((tmp_path / "library.sqlite").read_bytes())
    script = """async (whole) => {
        const client = new library.Client();
        await client.ask("open", { lasting: true });
        await library.add(client, 1, "a brown dog");
        await library.add(client, 2, "a dog");
        const bytes = new Uint8Array(whole);
        const cut = bytes.slice(0, bytes.length / 2);
        const codes = [];
        for (const wrong of [cut, new Uint8Array(9999), new Uint8Array(0)]) {
            const file = new Blob([wrong]);
            codes.push(await client.ask("import", { file }).catch(({ code }) => code));
        }
        const before = await library.state(client);
        const sql = "INSERT INTO setting VALUES ('large', hex(zeroblob(5000000)))";
        await client.ask("script", { sql });
        const mine = (await client.ask("export")).bytes;
        await client.ask("import", { file: new Blob([bytes]) });
        const taken = await library.state(client);
        await client.ask("import", { file: new Blob([mine]) });
        const { progress } = client;
        const back = await library.state(client);
        await client.ask("close");
        await client.ask("open", { lasting: true });
        const opened = await library.state(client);
        return [codes, before.captions, taken.captions, back, opened, progress];
    }"""
    codes, before, taken, back, opened, progress = page.evaluate(script, whole)
    assert codes == ["library"] * 3
    assert (before, taken) == (2, 1)
    assert back == opened == {"integrity": "ok", "captions": 2, "found": 2, "count": 2}
    # 10 MB come in pieces, and go to their place in pieces.
    reading = [step["share"] for step in progress if step["stage"] == "reading"]
    assert reading == sorted(reading)
    assert (len(reading), reading[-1]) == (3, 1)
    assert {step["stage"] for step in progress} == {"reading", "checking", "writing"}
    assert all(0 <= step["share"] <= 1 for step in progress)


def test_another_tab_takes_over(page: Page) -> None:
    script = """async () => {
        const [one, other] = [new library.Client(), new library.Client()];
        await one.ask("open", { lasting: true });
        await library.add(one, 1, "a dog");
        const { where } = await other.ask("open", { lasting: true });
        await library.add(one, 2, "a dog");
        await other.event("changed");
        const read = (await other.run(["tallies"]))[0].find(({ kind }) => kind === "image").count;
        const refused = await other.run(["drop_empty_steps"]).catch(({ code }) => code);
        const calls = [{ name: "set_setting", parameters: { name: "a", value: "handed over" } }];
        await other.ask("run", { calls, handsOver: true });
        await one.event("changed");
        const [[{ value }]] = await one.run(["get_setting", { name: "a" }]);
        await other.ask("open", { lasting: true, takeOver: true });
        await one.event("taken");
        const seen = (await one.run(["tallies"]))[0].find(({ kind }) => kind === "image").count;
        return [where, read, refused, value, (await library.state(other)).captions, seen];
    }"""
    assert page.evaluate(script) == ["elsewhere", 2, "library", "handed over", 2, 2]


def test_memory_where_nothing_is_to_be_kept(page: Page) -> None:
    script = """async () => {
        const client = new library.Client();
        const { where } = await client.ask("open", { lasting: false });
        await library.add(client, 1, "a dog");
        return [where, (await library.state(client)).found, await library.kept()];
    }"""
    assert page.evaluate(script) == ["memory", 1, []]
