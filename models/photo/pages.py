"""Screenshots of installed documentation, to train and to measure the router with.

    python -m models.photo.pages FOLDER

FOLDER gets pages/train, pages/choose and pages/test. The pages come from Debian's packages named
below, which must be installed, or unpacked under the folder in DOCS; no package gives pages to two
sets. Windows, zoom, scroll position and colours vary.
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

from tools.chromium import ensure

DOCS = Path(os.environ.get("DOCS", "/"))
PACKAGES = {
    "train": (
        "apache2-doc", "bash-doc", "cmake-doc", "debian-reference-en", "erlang-doc", "git-doc",
        "haproxy-doc", "libboost1.74-doc", "postgresql-doc-15", "python-django-doc",
        "python3.11-doc", "r-doc-html", "sqlite3-doc",
    ),
    "choose": ("libvigraimpex-doc", "nodejs-doc", "openjdk-17-doc", "zsh-doc"),
    "test": (
        "bind9-doc", "maxima-doc", "octave-doc", "postfix-doc", "python-sqlalchemy-doc",
        "sphinx-doc", "varnish-doc", "vim-doc",
    ),
}  # fmt: skip
COUNTS = {"train": 250, "choose": 100, "test": 100}
SEEDS = {"train": "train", "choose": "test", "test": "test"}
WINDOWS = ((1920, 1080), (1366, 768), (1280, 800), (800, 600), (390, 844), (820, 1180))
DARK = "html { background: #fff; filter: invert(1) hue-rotate(180deg) }"


def pages(package: str) -> list[Path]:
    """Return a package's pages, in a fixed order."""
    roots = [DOCS / package, DOCS]
    for root in roots:
        found = sorted(
            path
            for folder in ("usr/share/doc", "usr/share/cmake-3.25")
            for path in (root / folder).glob("**/*.html")
            if root != DOCS or package in path.parts
        )
        if found:
            return [path for path in found if path.stat().st_size > 4000]
    return []


def main() -> None:
    """Take the screenshots."""
    from playwright.sync_api import sync_playwright

    folder = Path(sys.argv[1])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=ensure(), args=["--no-sandbox"])
        for part, packages in PACKAGES.items():
            out = folder / "pages" / part
            out.mkdir(parents=True, exist_ok=True)
            rng = random.Random(SEEDS[part])
            sources = [found for found in map(pages, packages) if found]
            for number in range(COUNTS[part]):
                path = rng.choice(sources[number % len(sources)])
                width, height = rng.choice(WINDOWS)
                page = browser.new_page(viewport={"width": width, "height": height})
                page.route("http*://**", lambda route: route.abort())
                page.goto(path.as_uri(), wait_until="load")
                if rng.random() < 0.25:
                    page.add_style_tag(content=DARK)
                share = rng.random()
                page.evaluate(
                    "share => scrollTo(0, share * (document.body.scrollHeight - innerHeight))",
                    share,
                )
                page.screenshot(path=out / f"{number:03}.png")
                page.close()
        browser.close()


if __name__ == "__main__":
    main()
