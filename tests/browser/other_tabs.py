"""Two more browsers, driven alike: Firefox by Playwright, WebKitGTK by Selenium."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol

from playwright.sync_api import sync_playwright

MINI_BROWSERS = "usr/lib/*/webkit2gtk-4.1/MiniBrowser"
SCRIPT_LIMIT_S = 300


class Tab(Protocol):
    """What both ways of driving a browser can do.

    Attributes:
        version: of the browser.
        is_low_memory: whether Seesay must choose to save memory there, and one thread.
        faults: what the browser itself told of.
    """

    version: str
    is_low_memory: bool
    faults: list[str]

    def go(self, url: str) -> None:
        """Open an address."""

    def run(self, function: str) -> Any:
        """Call a JavaScript function in the page, and await what it returns."""

    def choose(self, paths: list[Path]) -> None:
        """Choose images."""

    def click(self, name: str) -> None:
        """Click the element with an id."""

    def point(self, selector: str) -> None:
        """Move the pointer onto an element."""

    def shoot(self, path: str) -> None:
        """Save a picture of the page."""


class FirefoxTab:
    """Firefox, driven by Playwright."""

    is_low_memory = False

    def __init__(self, stack: ExitStack) -> None:
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.firefox.launch(
            channel="moz-firefox",
            executable_path=shutil.which("firefox-esr") or shutil.which("firefox"),
        )
        stack.callback(browser.close)
        self.version = f"Firefox {browser.version}"
        self._page = browser.new_page()
        self._page.set_default_timeout(1000 * SCRIPT_LIMIT_S)
        self.faults: list[str] = []
        self._page.context.on("weberror", lambda error: self.faults.append(str(error.error)))
        self._page.context.on("console", self._on_console)

    def _on_console(self, message: Any) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(message.text)

    def go(self, url: str) -> None:
        self._page.goto(url)

    def run(self, function: str) -> Any:
        return self._page.evaluate(function)

    def choose(self, paths: list[Path]) -> None:
        self._page.locator("#files").set_input_files(paths)

    def click(self, name: str) -> None:
        self._page.locator(f"#{name}").click()

    def point(self, selector: str) -> None:
        self._page.locator(selector).first.hover()

    def shoot(self, path: str) -> None:
        self._page.screenshot(path=path, full_page=True)


class WebKitTab:
    """WebKitGTK's own small browser, driven by Selenium."""

    is_low_memory = True

    def __init__(self, stack: ExitStack) -> None:
        from selenium import webdriver

        screen = stack.enter_context(_screen())
        options = webdriver.WebKitGTKOptions()
        options.binary_location = str(next(Path("/").glob(MINI_BROWSERS)))
        options.add_argument("--automation")
        # As root, in a container, its sandbox cannot start.
        hide = {"WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1"} if os.getuid() == 0 else {}
        service = webdriver.WebKitGTKService(
            shutil.which("WebKitWebDriver"), env={**os.environ, "DISPLAY": screen, **hide}
        )
        self._driver = webdriver.WebKitGTK(options=options, service=service)
        stack.callback(self._driver.quit)
        self._driver.set_script_timeout(SCRIPT_LIMIT_S)
        self._driver.set_window_size(1280, 950)
        self.faults: list[str] = []
        self.version = f"WebKitGTK {self._driver.capabilities['browserVersion']}"

    def go(self, url: str) -> None:
        self._driver.get(url)

    def run(self, function: str) -> Any:
        value, error = self._driver.execute_async_script(
            f"const end = arguments[0]; (async () => ({function})())()"
            ".then((value) => end([value, null]), (error) => end([null, `${error}`]))"
        )
        assert error is None, error
        return value

    def choose(self, paths: list[Path]) -> None:
        self._driver.find_element("id", "files").send_keys("\n".join(map(str, paths)))

    def click(self, name: str) -> None:
        self._driver.find_element("id", name).click()

    def point(self, selector: str) -> None:
        from selenium.webdriver import ActionChains

        word = self._driver.find_element("css selector", selector)
        ActionChains(self._driver).move_to_element(word).perform()

    def shoot(self, path: str) -> None:
        self._driver.save_screenshot(path)


@contextmanager
def _screen() -> Iterator[str]:
    """A screen that nobody sees; its name."""
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "1400x1000x24"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield f":{process.stdout.readline().strip()}"
        finally:
            process.terminate()  # or the end of the block waits for it for ever
