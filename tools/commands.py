"""The commands of build.py and their options."""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import threading
import webbrowser
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools import checks, environment, npm, npm_package, site
from tools.headers import check_origin
from tools.project import ROOT, BuildError, cache_dir, shown
from tools.server import serve

DEFAULT_PORT = 8000
INTERRUPTED = 130


@dataclass(frozen=True)
class Script:
    """A script of the project that build.py runs in the environment.

    Attributes:
        name: of the command.
        text: what it does, for --help.
        module: dotted name; its options follow the command's name.
        group: the dependency group it needs.
        defaults: its options when none are given; ``{cache}`` is the cache folder.
    """

    name: str
    text: str
    module: str
    group: str = "test"
    defaults: tuple[str, ...] = ()


SCRIPTS = (
    Script(
        "bench",
        "measure against Transformers.js; or: bench parity | startup | download | batch | list | "
        "library | export | florence",
        "tests.bench.run",
    ),
    Script("evaluate", "score the starter on drawings and photographs", "models.evaluate"),
    Script(
        "models",
        "make the full-size model with random weights that benchmarks and tests use",
        "models.random_model",
        defaults=("--preset", "vit-gpt2", "--out", "{cache}/models/random-vit-gpt2"),
    ),
    Script(
        "fixtures",
        "make the reference fixtures anew (fetches PyTorch)",
        "tests.fixtures.make_generation_fixtures",
        group="fixtures",
    ),
)


def main(arguments: Sequence[str]) -> int:
    """Run one command; return the exit status."""
    # What follows "--", and options that are a script's own, are passed on.
    cut = list(arguments).index("--") if "--" in arguments else len(arguments)
    parser = _parser()
    options, unknown = parser.parse_known_args(arguments[:cut])
    options.rest = [*unknown, *arguments[cut + 1 :]]
    if options.rest and not options.takes_rest:
        parser.error(f"unrecognized arguments: {' '.join(options.rest)}")
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except BuildError as error:
        print(f"build.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="build.py", description="Build, serve and test Seesay.")
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(
        name: str, text: str, run: Callable[[argparse.Namespace], int], *, takes_rest: bool = False
    ) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=text, description=text)
        one.set_defaults(run=run, takes_rest=takes_rest)
        return one

    serving = command("serve", "build the site and serve it on this machine", _serve)
    serving.add_argument("--port", type=int, default=None, help=f"default {DEFAULT_PORT}")
    serving.add_argument("--no-open", action="store_true", help="do not open a browser")
    serving.add_argument(
        "--no-isolation", action="store_true", help="send no special headers, like GitHub Pages"
    )
    building = command("site", "build the site, plain files for any static host", _site)
    for one in (serving, building):
        one.add_argument("--out", type=Path, default=site.default_out(), metavar="DIR")
        one.add_argument(
            "--model", default="starter", help="host this model too: vit-gpt2, florence-2"
        )
        one.add_argument("--model-dir", type=Path, metavar="DIR", help="take its files from here")
        one.add_argument(
            "--hub",
            default=os.environ.get("SEESAY_HUB") or None,
            metavar="URL",
            help="a mirror of the model hub (default: SEESAY_HUB)",
        )
        one.add_argument(
            "--embed-origin",
            action="append",
            default=[],
            metavar="ORIGIN",
            help="its pages may embed Seesay (embed.html); may be given several times",
        )
    packing = command("package", "make the npm package: modules, types, assets", _package)
    packing.add_argument("--out", type=Path, default=ROOT / "dist.npm", metavar="DIR")
    testing = command("test", "run all tests, or some parts of them", _test, takes_rest=True)
    testing.add_argument(
        "parts",
        nargs="*",
        metavar="part",
        help=f"{', '.join(checks.PARTS)}; then -- pytest options",
    )
    command("lock", "renew requirements/*.txt from pyproject.toml (needs uv)", _lock)
    for script in SCRIPTS:
        command(script.name, script.text, _run_script(script), takes_rest=True)
    return parser


def _site_options(options: argparse.Namespace) -> site.SiteOptions:
    return site.SiteOptions(
        out=options.out.resolve(),
        model=options.model,
        model_dir=options.model_dir,
        hub=options.hub,
        embed_origins=tuple(map(check_origin, options.embed_origin)),
    )


def _site(options: argparse.Namespace) -> int:
    site.build(_site_options(options))
    print(f"Built {shown(options.out.resolve())}")
    return 0


def _package(options: argparse.Namespace) -> int:
    out = options.out.resolve()
    with tempfile.TemporaryDirectory(dir=cache_dir()) as folder:
        built = Path(folder) / "site"
        site.build(site.SiteOptions(out=built))
        npm_package.make(built, out / "seesay")
    print(f"Built {shown(npm_package.pack(out / 'seesay', out))}")
    return 0


def _serve(options: argparse.Namespace) -> int:
    site.build(_site_options(options))
    with serve(options.out, _free_port(options.port), isolated=not options.no_isolation) as server:
        print(server.url, flush=True)
        if not options.no_open:
            webbrowser.open(server.url)
        threading.Event().wait()
    return 0


def _free_port(wanted: int | None) -> int:
    """Return the port asked for, or the usual one, or any if that is taken.

    Raises:
        BuildError: the port asked for cannot be used.
    """
    port = DEFAULT_PORT if wanted is None else wanted
    try:
        with socket.create_server(("127.0.0.1", port)) as probe:
            return int(probe.getsockname()[1])
    except (OSError, OverflowError) as error:
        if wanted is None:
            return 0
        raise BuildError(f"Port {port} cannot be used; choose another with --port.") from error


def _test(options: argparse.Namespace) -> int:
    return checks.run(options.parts, options.rest)


def _lock(_options: argparse.Namespace) -> int:
    for group, extra in (
        ("fixtures", []),
        ("build", ["--constraint", "requirements/fixtures.txt"]),  # one environment has them all
        ("test", ["--constraint", "requirements/fixtures.txt"]),
        ("bytecode", ["--no-deps", "--python-version", "3.14"]),
        ("tessdata", ["--no-deps"]),
    ):
        lock = environment.lock_file(group).relative_to(ROOT)
        command: list[str | Path] = [
            "uv", "pip", "compile", "--quiet", "--universal", "--generate-hashes",
            "--no-emit-index-url", "--no-annotate", "--custom-compile-command",
            "python3 build.py lock", "--group", f"pyproject.toml:{group}", "-o", lock, *extra,
        ]  # fmt: skip
        try:
            subprocess.run(command, cwd=ROOT, check=True)
        except (FileNotFoundError, subprocess.CalledProcessError) as error:
            raise BuildError(f"uv could not renew {lock}: {error}") from error
    return 0


def _run_script(script: Script) -> Callable[[argparse.Namespace], int]:
    """Return a command that runs one of the project's scripts in the environment."""

    def run(options: argparse.Namespace) -> int:
        path = ROOT / (script.module.replace(".", "/") + ".py")
        if not path.is_file():
            raise BuildError(f"{shown(path)} is missing.")
        python = environment.ensure(script.group)
        npm.ensure("site")
        npm.ensure("test")
        arguments = options.rest or [part.format(cache=cache_dir()) for part in script.defaults]
        command = [python, "-m", script.module, *arguments]
        return subprocess.run(command, cwd=ROOT, check=False).returncode

    return run
