"""The built site: a folder of plain files for any static host."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pycore.images.limits import MAX_FILE_BYTES
from pycore.library.schema_version import APPLICATION_ID
from pycore.library.sql_files import migrations, statements
from pycore.models.catalogue import STARTER_BASE_URL as STARTER
from pycore.onnx_graph.graph_cache import code_hash
from tools import (
    bytecode,
    environment,
    hosted_model,
    licences,
    npm,
    page_bundle,
    protocol_types,
    pyodide_wheels,
    starter_graphs,
    tessdata,
)
from tools.files import copy, digest_of, locked, new_folder, sha256, write_text
from tools.headers import (
    EMBED_FRAME,
    IMAGE_FETCH,
    content_security_policy,
    headers_by_place,
    headers_file,
)
from tools.project import ROOT, BuildError, cache_dir, version

PHOTOGRAPHS = "models/photo/"
SERVICE_WORKER = "service_worker.js"
SERVICE_WORKER_PARTS = (SERVICE_WORKER, "api_caption.js")
"""In worker/service; one file in the site, so that two versions never mix."""

# Files of the runtime's packages, by their place in the site.
RUNTIME = {
    "runtime/pyodide": ("pyodide", ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm")),
    "runtime/ort": (
        "onnxruntime-web",
        (
            "dist/ort.wasm.min.mjs",
            "dist/ort-wasm-simd-threaded.mjs",
            "dist/ort-wasm-simd-threaded.wasm",
        ),
    ),
    # The module asks for its wasm under this very name, beside itself.
    "runtime/sqlite": ("@sqlite.org/sqlite-wasm", ("dist/index.mjs", "dist/sqlite3.wasm")),
    "runtime/micropython": (
        "@micropython/micropython-webassembly-pyscript",
        ("micropython.mjs", "micropython.wasm"),
    ),
    "runtime/pyscript": ("@pyscript/core", ("dist/core.js", "dist/core-*.js", "dist/core.css",
        "dist/deprecations-manager-*.js", "dist/error-*.js", "dist/toml-*.js", "dist/zip-*.js")),
}  # fmt: skip

# What the service worker keeps, by the first match: the boot set makes the page usable, the runtime
# set follows it, the model comes when it is asked for, and of the text set (Tesseract and its
# languages) what is used. What is in no set is for hosts, for people and for programs; all that is
# left belongs to the page.
SETS: tuple[tuple[str | None, tuple[str, ...]], ...] = (
    ("boot", ("runtime/pyscript/", "runtime/micropython/")),
    ("text", (tessdata.PLACE,)),
    ("runtime", ("runtime/", "worker/", "embed/", EMBED_FRAME, "page/endpoint/", IMAGE_FETCH)),
    ("runtime", ("licences.html", "styles/licences.css")),
    (None, (f"{STARTER}README.md",)),
    (None, (f"{PHOTOGRAPHS}README.md", f"{PHOTOGRAPHS}labels.json")),
    ("model", (STARTER, PHOTOGRAPHS)),
    (None, ("models/", "wheels/", SERVICE_WORKER, "_headers", ".nojekyll", "seesay.d.", "embed.")),
    (None, ("screenshots/", "openapi.json")),  # the browser shows the one before it installs
    (None, ("developers",)),  # for those who are online
    ("boot", ("",)),
)


@dataclass(frozen=True)
class SiteOptions:
    """What ``build.py site`` was asked for.

    Attributes:
        out: where the site goes.
        model: the model hosted with the site beside the starter, or ``starter`` for none.
        model_dir: a folder that has that model's files, or None to fetch them.
        hub: address of a mirror of the hub that the app asks first, or None.
        embed_origins: of pages that may embed the frame, embed.html.
    """

    out: Path
    model: str = "starter"
    model_dir: Path | None = None
    hub: str | None = None
    embed_origins: tuple[str, ...] = ()


def prepare() -> dict[str, Path]:
    """Fetch what the site is made of; return Pyodide's wheels by package name."""
    npm.node()
    environment.ensure("build")
    npm.ensure("site")
    tessdata.ensure()
    return pyodide_wheels.ensure()


def build(options: SiteOptions) -> None:
    """Build the site into ``options.out``; an old one there stays until the new one is whole.

    Raises:
        BuildError: something that the site needs is missing.
    """
    wheels = prepare()
    with locked(cache_dir() / "site.lock"), new_folder(options.out) as site:
        _copy_page(site)
        _copy_starter(site)
        tessdata.add(site)
        starter_graphs.add(site / STARTER)
        hosted = {}
        if options.model != "starter":
            place = hosted_model.add(site, options.model, options.model_dir, options.hub)
            hosted[options.model] = place
        _build_runtime(site, wheels)
        page_bundle.announce_scripts(site)
        write_library_sql(site / "worker" / "library")
        write_text(site / "licences.html", licences.page(wheels))
        copy(ROOT / "docs" / "openapi.json", site / "openapi.json")
        _render_docs(site / "developers")
        names = [path.name + "/" * path.is_dir() for path in site.iterdir()]
        names += ["site.json", "assets.json"]  # written last
        headers = headers_file(options.hub, names, options.embed_origins)
        write_text(site / "_headers", headers)
        write_text(site / "site.json", json.dumps({"hub": options.hub, "hosted": hosted}) + "\n")
        (site / ".nojekyll").touch()
        _finish(site, options.hub, options.embed_origins)


def build_runtime(folder: Path) -> Path:
    """Build only what the site needs to run Python, for the tests inside Pyodide.

    Returns:
        ``folder``, which then has ``runtime/`` and ``wheels/``.
    """
    _build_runtime(folder, prepare())
    return folder


def _build_runtime(site: Path, wheels: dict[str, Path]) -> None:
    _copy_runtime(site)
    _write_python_pack(site, wheels, _build_own_wheel(site / "wheels"))


def _copy_page(site: Path) -> None:
    for source in sorted((ROOT / "web").rglob("*")):
        is_for_authors = source.suffix == ".md" or source == protocol_types.TARGET
        if source.is_file() and "__pycache__" not in source.parts and not is_for_authors:
            copy(source, site / source.relative_to(ROOT / "web"))
    page_bundle.bundle_python(site)
    page_bundle.bundle_styles(site)
    for name in ("seesay", "embed"):  # TypeScript looks for the types of modules under this name
        copy(site / f"{name}.d.ts", site / f"{name}.d.mts")
    service = ROOT / "worker" / "service"
    for source in sorted((ROOT / "worker").rglob("*.*js")):
        if source.parent != service:
            copy(source, site / source.relative_to(ROOT))
    # At the root, because a service worker controls only what lies beside or below it.
    parts = [(service / part).read_text(encoding="utf-8") for part in SERVICE_WORKER_PARTS]
    write_text(site / SERVICE_WORKER, "".join(parts))
    # Likewise, because its headers are its own: hosts know folders and single files.
    copy(service / IMAGE_FETCH, site / IMAGE_FETCH)
    limits = site / "api" / "limits.mjs"
    text = limits.read_text(encoding="utf-8")
    write_text(limits, text.replace("__SEESAY_MAX_FILE_BYTES__", str(MAX_FILE_BYTES)))


def write_library_sql(folder: Path) -> None:
    """Write sql.json: the library's .sql files as pycore reads them, for its worker."""
    known = {
        "applicationId": APPLICATION_ID,
        "migrations": list(migrations().values()),
        "statements": statements(),
    }
    write_text(folder / "sql.json", json.dumps(known, indent=1) + "\n")


def _substitute(
    path: Path, hub: str | None, embed_origins: Sequence[str], build: str, assets: str = ""
) -> None:
    """Fill the placeholders that pages and service worker may use."""
    text = path.read_text(encoding="utf-8")
    for placeholder, value in {
        "__SEESAY_CSP__": content_security_policy(
            hub, in_page=path.suffix == ".html", embed_origins=embed_origins
        ),
        "__SEESAY_EMBED_ORIGINS__": " ".join(embed_origins),
        "__SEESAY_HEADERS__": json.dumps(headers_by_place(hub, embed_origins)),
        "__SEESAY_MAX_FILE_BYTES__": str(MAX_FILE_BYTES),
        "__SEESAY_VERSION__": version(),
        "__SEESAY_WHEEL__": f"seesay-{version()}-py3-none-any.whl",
        "__SEESAY_BUILD__": build,
        "__SEESAY_ASSETS__": assets,
    }.items():
        text = text.replace(placeholder, value)
    path.write_text(text, encoding="utf-8")


def _copy_runtime(site: Path) -> None:
    for place, (name, patterns) in RUNTIME.items():
        package = npm.package(name)
        for pattern in patterns:
            found = sorted(package.glob(pattern))
            if not found:
                raise BuildError(f"The npm package {name} has no file {pattern}.")
            for source in found:
                copy(source, site / place / source.name)
    # Pyodide insists on a standard library and a lock file of its own. All Python travels in
    # python.pack, so the one is empty and the other names nothing.
    pyodide = site / "runtime" / "pyodide"
    bytecode.write_zip(pyodide / "python_stdlib.zip", {})
    lock = pyodide_wheels.pyodide_lock()
    write_text(pyodide / "pyodide-lock.json", json.dumps({"info": lock["info"], "packages": {}}))


def _copy_starter(site: Path) -> None:
    for place in (STARTER, PHOTOGRAPHS):
        for source in sorted((ROOT / place).rglob("*")):
            if source.is_file() and source.suffix in {".json", ".md", ".onnx"}:
                copy(source, site / source.relative_to(ROOT))


def _build_own_wheel(target: Path) -> Path:
    target.mkdir(parents=True)
    done = subprocess.run(
        [environment.python(), "-m", "hatchling", "build", "-t", "wheel", "-d", target],
        cwd=ROOT,
        env={**os.environ, "SOURCE_DATE_EPOCH": "315532800"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BuildError(f"The wheel could not be built: {done.stderr.strip().splitlines()[-1]}")
    (wheel,) = target.glob("*.whl")
    return wheel


def _render_docs(folder: Path) -> None:
    """Write the guides, the changelog and the reference of the Python API."""
    done = subprocess.run(
        [environment.python(), "-m", "docs.render", folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BuildError(f"The guides could not be made: {done.stderr.strip().splitlines()[-1]}")


def _write_python_pack(site: Path, wheels: dict[str, Path], own_wheel: Path) -> None:
    """Write runtime/python.pack: all Python, byte-compiled; the standard library is its root."""
    own = {
        name: data
        for name, data in bytecode.read_zip(own_wheel).items()
        if not name.startswith("seesay/") and not name.endswith("RECORD")
    }
    for source in sorted((ROOT / "worker").rglob("*.py")):
        own[source.relative_to(ROOT).as_posix()] = source.read_bytes()
    packages = "site-packages/"
    zips = {
        bytecode.ensure_stdlib(npm.package("pyodide")): "",
        bytecode.ensure_merged([wheels["numpy"], wheels["pillow"]]): packages,
        bytecode.ensure_own(own): packages,
    }
    copy(bytecode.ensure_pack(zips), site / "runtime" / "python.pack")


def _finish(site: Path, hub: str | None, embed_origins: Sequence[str]) -> None:
    """Write assets.json, and give pages and service worker the version made from all files."""
    worker = (site / SERVICE_WORKER).read_text(encoding="utf-8")
    content = json.dumps(_sets(site))  # the pages' placeholders are open still
    sent = json.dumps(headers_by_place(hub, embed_origins))
    label = f"{version()}+{digest_of(content, worker, sent)[:12]}"
    for page in site.glob("*.html"):
        _substitute(page, hub, embed_origins, label)
    about = {"version": label, "splitter_hash": code_hash()}
    assets = json.dumps({**about, **_sets(site)}, indent=1)
    write_text(site / "assets.json", assets + "\n")
    _substitute(site / SERVICE_WORKER, hub, embed_origins, label, assets)


def _sets(site: Path) -> dict[str, list[dict[str, object]]]:
    """Return address, size and digest of the files in each set of the service worker."""
    sets: dict[str, list[dict[str, object]]] = {"boot": [], "runtime": [], "model": [], "text": []}
    for path in sorted(path for path in site.rglob("*") if path.is_file()):
        url = path.relative_to(site).as_posix()
        name = next(name for name, starts in SETS if url.startswith(starts))
        if name is not None:
            entry = {"url": url, "size_bytes": path.stat().st_size, "sha256": sha256(path)}
            sets[name].append(entry)
    return sets


def default_out() -> Path:
    """Return where the site goes unless told otherwise."""
    return ROOT / "dist"
