"""captionAll: many images through the public API, on the built site with the tiny model."""

from __future__ import annotations

from typing import Any

from tests.browser.api_page import api_site, isolated, opened, run, started
from tests.browser.conftest import OpenPage

__all__ = ["api_site", "isolated", "opened", "started"]  # fixtures

BEGIN = """
const files = [];
for (const hue of [10, 80, 150, 220, 290]) {
  const canvas = new OffscreenCanvas(60 + hue, 90);
  const pen = canvas.getContext("2d");
  pen.fillStyle = `hsl(${hue} 80% 60%)`;
  pen.fillRect(0, 0, 40 + hue / 2, 90);
  files.push(await canvas.convertToBlob({ type: "image/png" }));
}
files.splice(2, 0, new Blob(["no image at all"]));
const collect = async (ends) => {
  const seen = [];
  for await (const end of ends) seen.push(end);
  return seen;
};
"""


def run_all(opened: OpenPage, body: str) -> Any:
    return run(opened.page, BEGIN + body)


def test_a_batch_gives_what_single_calls_give(opened: OpenPage) -> None:
    seen = run_all(
        opened,
        """
        const singles = [], counts = [], steps = [];
        for (const file of files) singles.push(await outcome(c.caption(file)));
        const onProgress = (p) => p.stage === "images" && counts.push([p.loaded, p.total]);
        const sizes = {};
        for (const batchSize of [1, 4]) {
          const before = (await c.diagnostics()).decoder_steps;
          sizes[batchSize] = (await collect(c.captionAll(files, { batchSize, onProgress }))).map(
            ({ index, result, error }) => ({ index, result, code: error?.code }),
          );
          steps.push((await c.diagnostics()).decoder_steps - before);
        }
        const beams = await collect(c.captionAll(files, { numBeams: 2, maxNewTokens: 4 }));
        return { singles, sizes, counts, steps, beams };
        """,
    )
    for ends in seen["sizes"].values():
        assert [end["index"] for end in ends] == list(range(6))
        assert ends[2]["code"] == seen["singles"][2]["code"] == "unsupported_image"
        for end, single in zip(ends, seen["singles"], strict=True):
            if end["index"] != 2:
                assert end["result"]["caption"] == single["value"]["caption"]
                assert end["result"]["image"] == single["value"]["image"]
    one_by_one, batched = seen["steps"]
    assert batched < one_by_one / 2
    assert seen["counts"] == 2 * [[count, 6] for count in range(7)]
    assert sum("result" in end for end in seen["beams"]) == 5


def test_cancelling_and_leaving_stop_the_work_and_the_next_goes_on(opened: OpenPage) -> None:
    seen = run_all(
        opened,
        """
        const stop = new AbortController();
        const ends = c.captionAll(files, { batchSize: 1, signal: stop.signal, ...long });
        const first = await ends.next();
        stop.abort();
        const aborted = await outcome(ends.next());
        for await (const { index } of c.captionAll(files, { batchSize: 1, ...long })) {
          if (index === 1) break;
        }
        const after = await c.caption(files[0], { maxNewTokens: 2 });
        const { worker_restarts } = await c.diagnostics();
        return { first: first.value.index, aborted, after, worker_restarts };
        """,
    )
    assert seen["first"] == 0
    assert seen["aborted"]["name"] == "AbortError"
    assert len(seen["after"]["candidates"][0]["tokens"]) == 2
    assert seen["worker_restarts"] == 0


def test_wrong_calls_are_thrown_not_blamed_on_an_image(opened: OpenPage) -> None:
    seen = run_all(
        opened,
        """
        const attempt = (...args) => outcome((async () => collect(c.captionAll(...args)))());
        return [
          await attempt(files, { onToken: () => 0 }),
          await attempt(files, { batchSize: 9 }),
          await attempt("picture.png"),
          await attempt(files[0]),
          await attempt(files, { numBeams: 99 }),
          await attempt([]),
        ];
        """,
    )
    assert [end.get("code") for end in seen] == ["configuration"] * 5 + [None]
    assert seen[-1]["value"] == []
