"""Tries the built site in Firefox or in WebKit, Safari's engine: what the tests do in Chromium.

    python -m tests.browser.other_browsers firefox|webkit [--plain] [--shot FILE]

No part of ``build.py test``. Besides the tests' own environment it needs, on Debian: for Firefox
``firefox-esr``; for WebKit ``webkit2gtk-driver``, ``libwebkit2gtk-4.1-0``, ``xvfb`` and
``pip install selenium``. ``--plain`` serves without the site's headers, like GitHub Pages. Prints
what was seen, with the time in seconds, and fails at the first thing that is not as it should be.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests.browser.conftest import FIXTURES
from tests.browser.model_driver import MODEL, START, serve_for, start_hub
from tests.browser.other_tabs import FirefoxTab, Tab, WebKitTab
from tests.browser.test_offline import server_process
from tools import site

WAIT_S = 240  # for Python to start on a busy machine; less than a tab's own limit
PICTURES = sorted((FIXTURES / "scenes-128").glob("*.png"))[:4]
CAPTIONS = [picture.stem[2:].replace("-", " ") for picture in PICTURES]

# Errors before this is run are missed; Firefox tells of those itself.
WATCH = """() => {
  window.faults = [];
  for (const kind of ["error", "warn"]) {
    console[kind] = (...what) => faults.push(`${kind}: ${what.map(String).join(" ")}`);
  }
  addEventListener("error", ({ message }) => faults.push(message));
  addEventListener("unhandledrejection", ({ reason }) => faults.push(String(reason)));
  addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
    faults.push(`policy: ${violatedDirective} ${blockedURI}`));
}"""
CAPTION_TINY = """async () => {
  const canvas = new OffscreenCanvas(64, 64);
  canvas.getContext("2d").fillRect(8, 8, 20, 30);
  const options = { model: "MODEL", maxNewTokens: 4, numBeams: 1 };
  return (await captioner.caption(await canvas.convertToBlob(), options)).model.id;
}""".replace("MODEL", MODEL)


class Trial:
    """One run through everything."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab
        self._begun = time.monotonic()

    def say(self, what: str) -> None:
        """Print what was seen, and when."""
        print(f"{time.monotonic() - self._begun:6.1f}  {what}", flush=True)

    def wait(self, condition: str) -> None:
        """Wait until a JavaScript expression holds; ``$`` finds by a selector."""
        self.tab.run(
            f"""() => new Promise((resolve, reject) => {{
              const $ = (selector) => document.querySelector(selector);
              const tooLate = performance.now() + {WAIT_S} * 1000;
              const look = () => {{
                if ({condition}) resolve(null);
                else if (performance.now() > tooLate) reject(new Error({condition!r}));
                else setTimeout(look, 50);
              }};
              look();
            }})"""
        )

    def text(self, name: str) -> str:
        """The text of the element with an id."""
        text: str = self.tab.run(f"() => document.getElementById({name!r}).textContent")
        return text

    def open(self, url: str) -> None:
        """Open the page anew, as a person who looks at the console would."""
        self.tab.go(url)
        self.tab.run(WATCH)
        self.say(f"{url} isolated: {self.tab.run('() => crossOriginIsolated')}")

    def check_faults(self) -> None:
        """There must be none."""
        faults = [*self.tab.run("() => faults"), *self.tab.faults]
        assert not faults, faults

    def caption(self, picture: Path, expected: str) -> None:
        """Caption one image."""
        self.tab.choose([picture])
        self.wait("!$('#generate').disabled")
        self.tab.click("generate")
        self.wait("!$('#result').hidden")
        assert self.text("caption") == expected, self.text("caption")
        self.say(f"{expected}: {self.text('took')}")

    def one_image(self) -> None:
        """Both searches, copying, where it looked, diagnostics, Reset."""
        self.caption(PICTURES[0], CAPTIONS[0])
        self.tab.run("() => { document.querySelector('#search').value = 'careful'; }")
        self.tab.click("generate")
        self.wait("$('#others li') && !$('#result').hidden")
        assert self.text("caption") == CAPTIONS[0]
        self.tab.click("copy")
        self.wait("$('#copied').textContent")
        self.say(f"careful search; copying: {self.text('copied')}")
        self.tab.click("look")
        self.wait("$('#caption .word')")
        self.tab.point("#caption .word")
        self.wait("!$('#heat').hidden")
        self.tab.run("() => { document.querySelector('#diagnostics').open = true; }")
        self.wait("$('#diagnostics-text').textContent.includes('threads')")
        told = json.loads(self.text("diagnostics-text"))
        facts = {name: told[name] for name in ("threads", "low_memory", "cross_origin_isolated")}
        assert told["low_memory"] is self.tab.is_low_memory, told
        assert told["threads"] == 1 or not self.tab.is_low_memory, told
        self.say(f"where it looked; {facts}")
        self.tab.click("reset")
        self.wait("$('#preview').hidden && !$('#caption').textContent")

    def several_images(self) -> None:
        """Cancel at once, then a list to its end."""
        self.tab.choose(PICTURES)
        self.wait(f"document.querySelectorAll('#rows li').length === {len(PICTURES)}")
        self.tab.run(
            """() => new Promise((resolve) => {
              document.querySelector("#generate").click();
              setTimeout(() => resolve(document.querySelector("#cancel").click()));
            })"""
        )
        self.wait("$('#announcer').textContent.startsWith('Stopped')")
        self.tab.click("generate")
        self.wait("!$('#copy-all').disabled && $('#cancel').hidden")
        rows = self.text("rows")
        assert all(caption in rows for caption in CAPTIONS), rows
        self.say(f"cancelled; then a list: {len(CAPTIONS)} captions")

    def models(self, site_dir: Path) -> None:
        """Download a model from a hub, caption with it, remove it."""
        with start_hub() as hub, serve_for(hub, site_dir) as server:
            self.tab.go(f"{server.url}licences.html")
            self.tab.run(f"() => ({START})({{ hub: '{hub.url}', model: '{MODEL}' }})")
            assert self.tab.run("async () => (await download()).state") == "ready"
            assert self.tab.run(CAPTION_TINY) == MODEL
            gone = f"async () => (await captioner.models.remove('{MODEL}')).state"
            assert self.tab.run(gone) == "absent"
            self.say("a model: downloaded, used, removed")


def main() -> None:
    """Build the site and try it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("browser", choices=("firefox", "webkit"))
    parser.add_argument("--plain", action="store_true", help="no headers, like GitHub Pages")
    parser.add_argument("--shot", metavar="FILE", help="where to save a picture of the page")
    options = parser.parse_args()
    with ExitStack() as stack:
        out = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "site"
        site.build(site.SiteOptions(out=out))
        server = stack.enter_context(server_process(out, isolated=not options.plain))
        tab = FirefoxTab(stack) if options.browser == "firefox" else WebKitTab(stack)
        trial = Trial(tab)
        trial.say(tab.version)
        trial.open(server.url)
        trial.one_image()
        trial.several_images()
        trial.wait("$('#offline').textContent.startsWith('Ready')")
        trial.check_faults()
        trial.models(out)
        server.stop()
        trial.say("the server is gone")
        trial.open(server.url)
        trial.caption(PICTURES[1], CAPTIONS[1])
        if options.shot:
            tab.shoot(options.shot)


if __name__ == "__main__":
    main()
