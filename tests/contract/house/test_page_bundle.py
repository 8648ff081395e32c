"""What the page loads first travels in few files, and nothing of it is left behind."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tools import page_bundle
from tools.project import ROOT

WEB = ROOT / "web"
MODULES = {path.relative_to(WEB).as_posix() for path in WEB.rglob("*.py")} - {page_bundle.APP}


def test_bundle_writes_every_module_and_then_runs_the_app(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    shutil.copytree(WEB, site)
    (site / page_bundle.APP).write_text("ran = True\n", encoding="utf-8")
    page_bundle.bundle_python(site)
    assert [path.relative_to(site).as_posix() for path in site.rglob("*.py")] == [page_bundle.APP]

    files = tmp_path / "files"  # stands in for MicroPython's own
    files.mkdir()
    monkeypatch.chdir(files)
    names: dict[str, object] = {}
    exec((site / page_bundle.APP).read_text(encoding="utf-8"), names)  # noqa: S102 - it is ours
    assert names["ran"] is True
    assert MODULES
    for name, text in page_bundle.shared():
        assert (files / name).read_text(encoding="utf-8") == text
    for name in MODULES:
        assert (files / name).read_text(encoding="utf-8") == (WEB / name).read_text("utf-8")


def test_styles_keep_their_order_in_one_file(tmp_path: Path) -> None:
    site = tmp_path / "site"
    shutil.copytree(WEB, site)
    page = (WEB / "index.html").read_text(encoding="utf-8")
    names = re.findall(r'rel="stylesheet" href="([^"]+)"', page)
    assert len(names) > 1
    page_bundle.bundle_styles(site)
    built = (site / "index.html").read_text(encoding="utf-8")
    assert re.findall(r'rel="stylesheet" href="([^"]+)"', built) == names[:1]
    sheet = (site / names[0]).read_text(encoding="utf-8")
    places = [sheet.index((WEB / name).read_text(encoding="utf-8")) for name in names]
    assert places == sorted(places)
    assert not any((site / name).exists() for name in names[1:])


def test_every_script_that_the_page_leads_to_is_announced_once(tmp_path: Path) -> None:
    for name, text in {
        "index.html": '<link rel="modulepreload" href="first.mjs">\n'
        '<script type="module" src="page/app.mjs">',
        "pyscript.json": '{"js_modules": {"main": {"./page/fromPython.mjs": "name"}}}',
        "first.mjs": 'import a from "./min.js";export{a}from"./packed.js";',
        "min.js": "",
        "packed.js": "",
        "page/app.mjs": 'import {\n  one,\n  two,\n} from "../api/one.mjs";\n'
        'const late = () => import("./late.mjs");\n',
        "page/late.mjs": "",
        "page/fromPython.mjs": 'export { one } from "../api/one.mjs";\n',
        "api/one.mjs": 'import "./for_its_effect.mjs";\n',
        "api/for_its_effect.mjs": 'import { one } from "./one.mjs";\n',
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    page_bundle.announce_scripts(tmp_path)
    built = (tmp_path / "index.html").read_text(encoding="utf-8")
    told = re.findall(r'rel="modulepreload" href="([^"]+)"', built)
    assert told[0] == "first.mjs"
    assert sorted(told) == sorted(
        [
            "first.mjs", "min.js", "packed.js", "page/app.mjs", "page/fromPython.mjs",
            "api/one.mjs", "api/for_its_effect.mjs",
        ]
    )  # fmt: skip
