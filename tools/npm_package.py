"""The JavaScript API as an npm package: modules for a bundler, and assets for the site to host.

seesay.mjs, seesay.d.ts, api/   what `import { createCaptioner } from "seesay"` gives
assets/                         the worker, its runtimes and the built-in models
copy-assets.mjs                 `npx seesay-assets public/seesay`
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tools.files import copy, new_folder, write_text
from tools.project import ROOT, BuildError, version

MODULES = ("seesay.mjs", "seesay.d.ts", "seesay.d.mts", "api/")
"""What a bundler reads."""

ASSETS = ("worker/", "runtime/", "models/", "site.json", "licences.html")
"""What the worker fetches; assets.json, which lists them, is written anew."""

PAGE_ONLY = ("runtime/pyscript/", "runtime/micropython/")

COPY_ASSETS = """\
#!/usr/bin/env node
// Copies what Seesay's worker fetches into a folder of your site: seesay-assets public/seesay
import { cpSync } from "node:fs";

const [target] = process.argv.slice(2);
if (!target) {
  console.error("seesay-assets: name the folder that your site serves, public/seesay for example.");
  process.exit(2);
}
cpSync(new URL("./assets/", import.meta.url), target, { recursive: true });
"""

README = """\
# Seesay

Captions for images, written inside the browser. The bundler takes the module, your site hosts the
assets (about {megabytes} MB, fetched as they are needed):

```
npm install seesay-{version}.tgz
npx seesay-assets public/seesay
```

```js
import {{ createCaptioner }} from "seesay";

const captioner = createCaptioner({{ baseUrl: "/seesay/" }}); // where your site has the assets
console.log((await captioner.caption(file)).caption);
```

`seesay.d.ts` describes every option and result; `assets/licences.html` has all licences. With the
headers `Cross-Origin-Opener-Policy: same-origin` and `Cross-Origin-Embedder-Policy: require-corp`
the model uses several threads. After an update, copy the assets again: both belong together.
"""


def make(site: Path, out: Path) -> None:
    """Lay out the package.

    Args:
        site: the built site.
        out: the package's folder; an old one stays until the new one is whole.

    Raises:
        BuildError: the site is not whole.
    """
    files = [path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()]
    modules = [name for name in files if name.startswith(MODULES)]
    assets = [name for name in files if name.startswith(ASSETS) and not name.startswith(PAGE_ONLY)]
    if "seesay.mjs" not in modules or "assets.json" not in files:
        raise BuildError(f"There is no built site in {site}.")
    with new_folder(out) as package:
        for name in modules:
            copy(site / name, package / name)
        for name in assets:
            copy(site / name, package / "assets" / name)
        listed = json.loads((site / "assets.json").read_text(encoding="utf-8"))
        write_text(package / "assets" / "assets.json", json.dumps(_those(listed, assets)) + "\n")
        write_text(package / "package.json", json.dumps(_manifest(), indent=2) + "\n")
        write_text(package / "copy-assets.mjs", COPY_ASSETS)
        size_bytes = sum((site / name).stat().st_size for name in assets)
        text = README.format(megabytes=round(size_bytes / 1e6), version=version())
        write_text(package / "README.md", text)
        for name in ("LICENSE", "CHANGELOG.md"):
            copy(ROOT / name, package / name)


def pack(package: Path, folder: Path) -> Path:
    """Make the tarball, as ``npm publish`` would.

    Raises:
        BuildError: npm fails.
    """
    done = subprocess.run(
        ["npm", "pack", "--json", "--pack-destination", folder, package],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BuildError(f"npm could not pack the package: {done.stderr.strip()[-300:]}")
    return folder / f"seesay-{version()}.tgz"


def _those(listed: dict[str, object], names: list[str]) -> dict[str, object]:
    """Return assets.json with the entries of some files alone."""
    kept = set(names)

    def among(value: object) -> object:
        if isinstance(value, list):
            return [entry for entry in value if entry["url"] in kept]
        return value

    return {key: among(value) for key, value in listed.items()}


def _manifest() -> dict[str, object]:
    return {
        "name": "seesay",
        "version": version(),
        "description": "Captions for images, written inside the browser",
        "license": "Apache-2.0",
        "type": "module",
        "sideEffects": False,
        "types": "./seesay.d.ts",
        "exports": {
            ".": {"types": "./seesay.d.ts", "default": "./seesay.mjs"},
            "./assets/*": "./assets/*",
            "./package.json": "./package.json",
        },
        "bin": {"seesay-assets": "copy-assets.mjs"},
    }
