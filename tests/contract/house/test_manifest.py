"""What the manifest offers the operating system: files to open, and images that are shared."""

from __future__ import annotations

import json
import re

from pycore.images.format import READABLE_FORMATS
from tools.project import ROOT

MANIFEST = json.loads((ROOT / "web" / "manifest.webmanifest").read_text("utf-8"))
BY_BROWSER = "AVIF"  # every browser that has file handlers decodes it


def test_files_that_it_opens_are_of_formats_that_it_reads() -> None:
    formats = [*READABLE_FORMATS, BY_BROWSER]
    (handler,) = MANIFEST["file_handlers"]
    assert handler["action"] == MANIFEST["start_url"]
    assert [*handler["accept"]] == [f"image/{name.lower()}" for name in formats]
    for kind, endings in handler["accept"].items():
        assert f".{kind.removeprefix('image/')}" in [*endings, f"{endings[0]}f"]  # .tif, too
        assert all(re.fullmatch(r"\.[a-z]+", ending) for ending in endings)
    assert f'"Open with Seesay" for {", ".join(formats)} |' in (ROOT / "README.md").read_text(
        "utf-8"
    )


def test_several_images_may_be_shared() -> None:
    target = MANIFEST["share_target"]
    assert (target["method"], target["enctype"]) == ("POST", "multipart/form-data")
    (images,) = target["params"]["files"]
    assert images["accept"] == ["image/*"]
    script = (ROOT / "worker" / "service" / "service_worker.js").read_text("utf-8")
    assert f"SHARE_PATH = `${{SCOPE.pathname}}{target['action']}`" in script
