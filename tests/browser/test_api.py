"""The public JavaScript API, from a page that is not the app, on the built site."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page

from tests.browser.api_page import (
    LARGE_FIELD_BYTES,
    LARGE_FIELD_HEADER,
    api_site,
    isolated,
    list_model,
    make_site,
    open_api,
    opened,
    prevent_splitting,
    run,
    started,
)
from tests.browser.conftest import OpenPage, PageFactory
from tools import starter_graphs
from tools.server import SiteServer, serve

__all__ = ["api_site", "isolated", "opened", "started"]  # fixtures


@pytest.fixture(scope="module")
def plain(api_site: Path) -> Iterator[SiteServer]:
    """Return a server without headers."""
    with serve(api_site, isolated=False) as server:
        yield server


@pytest.fixture
def page(opened: OpenPage) -> Page:
    """Return the page of all tests that leave its captioner as they found it."""
    return opened.page


@pytest.fixture
def own(open_page: PageFactory, isolated: SiteServer) -> OpenPage:
    """Return the test page, isolated, in a context of its own."""
    return open_api(open_page, isolated)


@pytest.mark.parametrize("isolation", ["isolated", "plain"])
def test_caption_has_the_documented_shape(
    open_page: PageFactory, request: pytest.FixtureRequest, isolation: str
) -> None:
    opened = open_api(open_page, request.getfixturevalue(isolation))
    seen = run(
        opened.page,
        """
        const progress = [], tokens = [];
        const listening = createCaptioner({ onProgress: (p) => progress.push(p) });
        await listening.ready;
        const image = await picture();
        const result = await listening.caption(image, { onToken: (event) => tokens.push(event) });
        const again = await listening.caption(image);
        const about = await listening.diagnostics();
        listening.close();
        return { progress, tokens, result, again, about, cores: navigator.hardwareConcurrency };
        """,
    )
    result = seen["result"]
    assert list(result) == [
        "caption", "confidence", "flagged", "candidates", "model", "timings", "image", "notes",
        "kind", "keywords",
    ]  # fmt: skip
    best = result["candidates"][0]
    assert best["text"] == result["caption"] == "".join(t["text"] for t in best["tokens"]).strip()
    assert 0 < result["confidence"] < 0.5
    assert result["flagged"] is True
    assert result["model"]["id"] == "starter"
    assert len(result["timings"]["token_ms"]) == len(best["tokens"])
    assert all(ms > 0 for ms in result["timings"]["token_ms"])
    icon = (opened.server.folder / "icons" / "icon-192.png").read_bytes()
    sha256 = hashlib.sha256(icon).hexdigest()
    assert result["image"] == {
        "width": 192,
        "height": 192,
        "format": "PNG",
        "sha256": sha256,
        "seen": [0, 0, 1, 1],
    }
    peak = seen["about"]["peak_memory"]
    assert peak["model_bytes"] == seen["about"]["model_heap_bytes"] > 0
    assert peak["python_bytes"] == seen["about"]["python_heap_bytes"] > 0
    assert peak["total_bytes"] == peak["model_bytes"] + peak["python_bytes"]
    assert seen["again"]["caption"] == result["caption"]

    streamed = [event["token"] for event in seen["tokens"]]
    for key in ("id", "logprob"):  # texts differ while a character is incomplete
        assert [token[key] for token in streamed] == [token[key] for token in best["tokens"]]
    assert result["caption"].startswith(seen["tokens"][-1]["text"])

    stages = list(dict.fromkeys(p["stage"] for p in seen["progress"]))
    assert stages == ["runtime", "model", "image", "encode", "decode"]
    runtime = [p["loaded"] for p in seen["progress"] if p["stage"] == "runtime"]
    totals = {p["total"] for p in seen["progress"] if p["stage"] == "runtime"}
    assert runtime == sorted(runtime)
    assert totals == {runtime[-1]}
    assert runtime[-1] > 20_000_000

    about = seen["about"]
    assert about["cross_origin_isolated"] is (isolation == "isolated")
    assert about["threads"] == (min(4, seen["cores"]) if isolation == "isolated" else 1)
    assert about["decoder"] == "split"
    assert about["notes"] == []
    assert about["model_heap_bytes"] > 0


def test_generation_options_are_honoured(page: Page) -> None:
    seen = run(
        page,
        """
        const image = await picture();
        const captions = {};
        for (const name of Object.keys(a)) captions[name] = await c.caption(image, a[name]);
        return captions;
        """,
        {
            "greedy": {},
            "short": {"maxNewTokens": 3},
            "beams": {"numBeams": 4, "numReturnSequences": 3},
            "prefix": {"prefix": "two dogs"},
            "seven": {"doSample": True, "seed": 7},
            "seven again": {"doSample": True, "seed": 7},
            "eight": {"doSample": True, "seed": 8},
        },
    )
    tokens = {name: result["candidates"][0]["tokens"] for name, result in seen.items()}
    assert tokens["short"] == tokens["greedy"][:3]
    scores = [candidate["score"] for candidate in seen["beams"]["candidates"]]
    assert len(scores) == 3
    assert scores == sorted(scores, reverse=True)
    assert seen["prefix"]["caption"].startswith("two dogs")
    assert seen["seven"]["caption"] == seen["seven again"]["caption"] != seen["eight"]["caption"]


def test_merged_and_split_decoder_write_the_same(
    open_page: PageFactory, page: Page, site_dir: Path, tmp_path: Path
) -> None:
    body = """
        const image = await picture();
        const options = { numBeams: 3, numReturnSequences: 2, prefix: "two dogs" };
        const results = [await c.caption(image), await c.caption(image, options)];
        return { about: await c.diagnostics(), results };
    """
    split = run(page, body)
    folder = make_site(site_dir, tmp_path / "site")
    prevent_splitting(folder / "models/starter/onnx/decoder_model_merged_quantized.onnx")
    with serve(list_model(folder), isolated=True) as server:
        merged = run(open_api(open_page, server).page, body)
    assert split["about"]["decoder"] == "split"
    assert merged["about"]["decoder"] == "merged"
    assert "slower" in merged["about"]["notes"][0]
    for one, other in zip(split["results"], merged["results"], strict=True):
        assert one["caption"] == other["caption"]
        for first, second in zip(one["candidates"], other["candidates"], strict=True):
            assert first["score"] == pytest.approx(second["score"], abs=1e-4)


def test_decoder_split_by_the_build_is_taken_and_a_damaged_one_loses_nothing(
    open_page: PageFactory, page: Page, site_dir: Path, tmp_path: Path
) -> None:
    body = """
        const { caption } = await c.caption(await picture());
        return { caption, about: await c.diagnostics() };
    """
    derived_here = run(page, body)
    folder = make_site(site_dir, tmp_path / "site")
    starter_graphs.add(folder / "models" / "starter")
    with serve(list_model(folder), isolated=True) as server:
        derived_before = run(open_api(open_page, server).page, body)
    assert derived_before["about"]["decoder"] == "split"
    assert derived_before["caption"] == derived_here["caption"]
    (kept,) = (folder / "models" / "starter" / "derived").iterdir()
    head, _, graphs = kept.read_bytes().partition(b"\n")
    kept.write_bytes(head + b"\n" + bytes(len(graphs)))
    with serve(list_model(folder), isolated=True) as server:
        damaged = run(open_api(open_page, server).page, body)
    assert damaged["about"]["decoder"] == "merged"
    assert damaged["caption"] == derived_here["caption"]


@pytest.mark.parametrize("low_memory", [False, True])
def test_large_models_give_the_same_captions_with_parts_taking_turns(
    open_page: PageFactory, page: Page, site_dir: Path, tmp_path: Path, low_memory: bool
) -> None:
    body = """
        const chosen = createCaptioner({ lowMemory: a });
        const image = await picture();
        const captions = [];
        for (let i = 0; i < 3; i += 1) captions.push((await chosen.caption(image)).caption);
        const about = await chosen.diagnostics();
        chosen.close();
        return { captions, about };
    """
    small = run(page, body, low_memory)
    folder = make_site(site_dir, tmp_path / "site")
    # No guess, so that nothing else looks at the image and takes memory.
    (folder / "models" / "starter" / "seesay.json").write_text('{"confidence_threshold": 0}')
    with (folder / "models/starter/onnx/decoder_model_merged_quantized.onnx").open("ab") as decoder:
        decoder.write(LARGE_FIELD_HEADER)
        decoder.truncate(decoder.tell() + LARGE_FIELD_BYTES)
    with serve(list_model(folder), isolated=True) as server:
        large = run(open_api(open_page, server).page, body, low_memory)
    assert large["captions"] == small["captions"]
    assert large["about"]["low_memory"] is low_memory
    assert large["about"]["decoder"] == "split"
    assert large["about"]["model_heap_bytes"] < LARGE_FIELD_BYTES, "the file itself is in the heap"


def test_every_form_of_image_is_taken(page: Page, isolated: SiteServer) -> None:
    seen = run(
        page,
        """
        const blob = await picture();
        const buffer = await blob.arrayBuffer();
        const file = new File([blob], "x.txt");
        const forms = [blob, file, buffer, "../icons/icon-192.png", new URL(a)];
        const captions = [];
        for (const form of forms) captions.push((await c.caption(form)).caption);
        return { captions, left: buffer.byteLength, size: blob.size };
        """,
        isolated.url + "icons/icon-192.png",
    )
    assert len(set(seen["captions"])) == 1
    assert seen["left"] == seen["size"], "the caller's buffer must not be taken away"


def test_avif_is_decoded_by_the_browser(page: Page) -> None:
    file = io.BytesIO()
    Image.new("RGB", (64, 48), (200, 30, 30)).save(file, "AVIF")
    avif = file.getvalue()
    seen = run(
        page,
        """
        const bytes = Uint8Array.from(a);
        const [good, bad] = [bytes.buffer, bytes.slice(0, bytes.length - 40).buffer];
        return [await outcome(c.caption(good)), await outcome(c.caption(bad))];
        """,
        list(avif),
    )
    sha256 = hashlib.sha256(avif).hexdigest()
    image = {"width": 64, "height": 48, "format": "AVIF", "sha256": sha256, "seen": [0, 0, 1, 1]}
    assert seen[0]["value"]["image"] == image
    assert seen[1]["code"] == "unsupported_image"


def test_wrong_calls_are_refused_and_do_no_harm(opened: OpenPage) -> None:
    opened.watch.ignored += ["404", "elsewhere"]
    seen = run(
        opened.page,
        """
        const image = await picture();
        const png = new Uint8Array(await image.arrayBuffer());
        const wrong = {
          option: () => c.caption(image, { maxTokens: 3 }),
          value: () => c.caption(image, { maxNewTokens: 0 }),
          combination: () => c.caption(image, { temperature: 2 }),
          listener: () => c.caption(image, { onToken: "yes" }),
          input: () => c.caption(42),
          text: () => c.caption(new Blob(["not an image"])),
          broken: () => c.caption(png.slice(0, 60).buffer),
          address: () => c.caption("http://"),
          missing: () => c.caption("missing.png"),
          blocked: () => c.caption("https://elsewhere.test/image.png"),
          model: () => c.caption(image, { model: "none" }),
          absent: () => c.load("vit-gpt2"),
        };
        const seen = {};
        for (const [name, call] of Object.entries(wrong)) {
          seen[name] = await outcome(call());
          seen[`after ${name}`] = await outcome(c.caption(image, { maxNewTokens: 1 }));
        }
        seen.create = await outcome(new Promise(() => createCaptioner({ threads: 2 })));
        return seen;
        """,
    )
    codes = {name: end["code"] for name, end in seen.items() if not name.startswith("after ")}
    assert codes == {
        "option": "configuration",
        "value": "configuration",
        "combination": "configuration",
        "listener": "configuration",
        "input": "input",
        "text": "unsupported_image",
        "broken": "broken_image",
        "address": "input",
        "missing": "network",
        "blocked": "network",
        "model": "configuration",
        "absent": "asset",
        "create": "configuration",
    }
    for name, end in seen.items():
        if name.startswith("after "):
            assert "value" in end, name
        else:
            assert end["name"] == "SeesayError", name
            assert end["message"].endswith("."), name


def test_abort_stops_at_once_and_the_queue_goes_on(page: Page) -> None:
    seen = run(
        page,
        """
        const image = await picture();
        const countSteps = async () => (await c.diagnostics()).decoder_steps;
        const slow = { ...long, numBeams: 8 };
        const before = await countSteps();
        await c.caption(image, slow);
        const whole = await countSteps() - before;
        const running = new AbortController(), waiting = new AbortController();
        const order = [];
        let texts = 0;
        const first = outcome(c.caption(image, { ...slow, signal: running.signal, onToken: () => {
          texts += 1;
          if (texts !== 3) return;
          running.abort();
          waiting.abort();
        } }));
        const second = outcome(c.caption(image, { signal: waiting.signal }));
        const third = c.caption(image, { maxNewTokens: 2 });
        first.then(() => order.push("first"));
        second.then(() => order.push("second"));
        third.then(() => order.push("third"));
        await Promise.all([first, second, third]);
        const steps = await countSteps() - before - whole;
        const early = await outcome(c.caption(image, { signal: AbortSignal.abort() }));
        return { ends: [await first, await second, early], texts, order, steps, whole };
        """,
    )
    assert [end["name"] for end in seen["ends"]] == ["AbortError"] * 3
    assert seen["texts"] == 3
    assert seen["order"] == ["first", "second", "third"]
    assert seen["steps"] < seen["whole"], "decoding went on after the abort"


def test_two_captioners_work_side_by_side_and_close(page: Page) -> None:
    seen = run(
        page,
        """
        const other = createCaptioner({ numThreads: 1 });
        const image = await picture();
        const both = await Promise.all([c.caption(image), other.caption(image)]);
        const waiting = outcome(other.caption(image, long));
        other.close();
        const after = outcome(other.caption(image));
        const still = await c.caption(image);
        return { both: both.map((r) => r.caption), ends: [await waiting, await after], still };
        """,
    )
    assert seen["both"][0] == seen["both"][1] == seen["still"]["caption"]
    assert [end["name"] for end in seen["ends"]] == ["AbortError"] * 2


def test_listeners_that_throw_do_not_stop_the_queue(opened: OpenPage) -> None:
    opened.watch.ignored.append("the caller's own fault")
    caption = run(
        opened.page,
        """
        const onToken = () => { throw new Error("the caller's own fault"); };
        return (await c.caption(await picture(), { onToken })).caption;
        """,
    )
    assert caption


@pytest.mark.parametrize("end", ["terminate()", "dispatchEvent(new ErrorEvent('error'))"])
def test_lost_worker_is_replaced_and_nothing_is_lost(own: OpenPage, end: str) -> None:
    # The page's clock stands still: only what is told below counts as silence.
    own.page.clock.install(time=0)
    own.page.clock.pause_at(3600)
    own.page.evaluate(
        f"""() => {{
        const killed = Promise.withResolvers();
        const work = async () => {{
          const c = createCaptioner({{ deadlines: {{ silence: 60_000 }} }});
          const image = await picture();
          const expected = (await c.caption(image)).caption;
          let first = true;
          const onToken = () => {{
            if (first) workers.at(-1).{end};
            first = false;
            killed.resolve();
          }};
          const jobs = [c.caption(image, {{ onToken }}), c.caption(image), c.caption(image)];
          const captions = (await Promise.all(jobs)).map((result) => result.caption);
          const about = await c.diagnostics();
          c.close();
          return {{ expected, captions, workers: workers.length, restarts: about.worker_restarts }};
        }};
        window.seen = work();
        return Promise.race([killed.promise, seen]);
        }}"""
    )
    if end == "terminate()":
        own.page.clock.run_for(90_000)
    seen = own.page.evaluate("seen")
    assert seen["captions"] == [seen["expected"]] * 3
    assert seen["workers"] == 2
    assert seen["restarts"] == 1


def test_a_job_that_kills_its_worker_twice_is_given_up(own: OpenPage) -> None:
    seen = run(
        own.page,
        """
        const image = await picture();
        const onToken = () => workers.at(-1).dispatchEvent(new ErrorEvent("error"));
        const jobs = [c.caption(image, { onToken }), c.caption(image)];
        return { ends: await Promise.all(jobs.map(outcome)), workers: workers.length };
        """,
    )
    assert seen["ends"][0]["code"] == "worker_lost"
    assert seen["ends"][1]["value"]["caption"]
    assert seen["workers"] == 3


def test_failed_boot_rejects_all_that_wait_and_the_next_call_tries_again(own: OpenPage) -> None:
    own.watch.ignored += ["404", "Failed to load", "ERR_FAILED"]
    page = own.page
    page.context.route("**/runtime/python.pack", lambda route: route.abort())
    seen = run(
        page,
        """
        const image = await picture();
        const jobs = [c.caption(image), c.load(), c.diagnostics(), c.ready];
        return await Promise.all(jobs.map(outcome));
        """,
    )
    assert [end["code"] for end in seen] == ["network"] * 4
    assert "connection" in seen[0]["message"]
    page.context.unroute("**/runtime/python.pack")
    assert run(page, "return (await c.caption(await picture())).caption")


def test_built_in_model_is_fetched_before_anyone_asks(own: OpenPage) -> None:
    encoder = "models/starter/onnx/encoder_model_quantized.onnx"
    with own.context.expect_event("request", lambda request: request.url.endswith(encoder)):
        own.page.evaluate("() => { window.unasked = createCaptioner(); }")
    own.page.evaluate("() => unasked.close()")


def test_models_can_be_listed(page: Page) -> None:
    seen = run(
        page, "return { list: await c.models.list(), one: await c.models.status('starter') }"
    )
    by_name = {status["model"]: status for status in seen["list"]["models"]}
    assert by_name["starter"] == seen["one"]
    assert by_name["starter"]["state"] == "builtin"
    assert by_name["vit-gpt2"]["state"] == "absent"
    assert by_name["vit-gpt2"]["size_bytes"] > 240_000_000
    assert by_name["florence-2"]["size_bytes"] == 277_470_179
    assert set(seen["list"]["storage"]) == {"used_bytes", "quota_bytes", "persisted"}
