"""The types of the JavaScript API, as a TypeScript user and as the implementation meet them."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pycore.endpoint.answers import EndpointError
from pycore.errors import ConfigurationError, SeesayError
from pycore.generation import GenerationConfig
from pycore.generation.config import MAX_SEED
from tests.contract.house.source_tree import python_files
from tools import npm
from tools.project import ROOT

PROGRAM = """
import { createCaptioner } from "./seesay.mjs";
const captioner = createCaptioner({ model: "starter", onProgress: ({ loaded }) => loaded });
const stop = new AbortController();
const result = await captioner.caption(new Blob([]), {
  maxNewTokens: 16,
  signal: stop.signal,
  onToken: ({ text }) => text.length,
});
export const text: string = result.caption;
export const first: number = result.candidates[0].tokens[0].logprob;
captioner.close();
"""

# Without seesay.d.mts, TypeScript reads the types from the implementation's own code.
CONFORMITY = """
import * as implementation from "./{name}.mjs";
import type * as promised from "./{name}.d.ts";
export const conforms: typeof promised = implementation;
"""


def check_types(folder: Path, program: str) -> str:
    """Return what TypeScript has against a program that lies beside the API."""
    shutil.copy(ROOT / "web" / "seesay.mjs", folder)
    shutil.copytree(ROOT / "web" / "api", folder / "api")
    for name in ("seesay.d.ts", "embed.mjs", "embed.d.ts"):
        shutil.copy(ROOT / "web" / name, folder)
    (folder / "program.ts").write_text(program)
    return subprocess.run(
        [
            npm.node(), npm.package("typescript") / "bin" / "tsc", "--noEmit", "--strict",
            "--allowJs", "--skipLibCheck", "--module", "esnext", "--target", "es2022",
            "--moduleResolution", "bundler", "program.ts",
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    ).stdout  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "right", "complaint"),
    [
        ("", "", ""),
        ("text: string", "text: number", "Type 'string' is not assignable to type 'number'"),
        ("maxNewTokens", "max_new_tokens", "max_new_tokens"),
    ],
)
def test_a_typescript_user_gets_the_types(
    tmp_path: Path, wrong: str, right: str, complaint: str
) -> None:
    shutil.copy(ROOT / "web" / "seesay.d.ts", tmp_path / "seesay.d.mts")
    said = check_types(tmp_path, PROGRAM.replace(wrong, right) if wrong else PROGRAM)
    assert complaint in said if complaint else said == ""


def test_the_codes_of_errors_are_those_that_something_raises() -> None:
    declared = (ROOT / "web" / "seesay.d.ts").read_text(encoding="utf-8")
    promised = re.findall(
        r'"(\w+)"', declared.partition("export type ErrorCode =")[2].split(";")[0]
    )
    sources = [path for folder in ("pycore", "worker") for path in python_files(folder)]
    scripts = [*(ROOT / "web").rglob("*.mjs"), *(ROOT / "worker").rglob("*.mjs")]
    python = "".join(path.read_text(encoding="utf-8") for path in sources)
    javascript = "".join(path.read_text(encoding="utf-8") for path in scripts)
    raised = {
        code for name, code in _errors(SeesayError) if re.search(rf"(?<!class ){name}\(", python)
    }
    # Those are answers of the endpoint; nothing rejects with them.
    raised -= {code for _, code in _errors(EndpointError)}
    raised |= set(re.findall(r'(?:SeesayError|BootError)\(\s*"(\w+)"', javascript))
    assert sorted(promised) == sorted(raised - {"cancelled"})


def test_the_largest_seed_is_the_one_that_is_documented() -> None:
    declared = (ROOT / "web" / "seesay.d.ts").read_text(encoding="utf-8")
    documented = re.search(
        r"a whole number from 0 to 2 \*\* (\d+) - 1\. \*/\s+seed\?: number;", declared
    )
    assert documented is not None
    assert 2 ** int(documented[1]) - 1 == MAX_SEED
    assert MAX_SEED <= 2**53 - 1, "or else JavaScript cannot name it"
    defaults = GenerationConfig(decoder_start_token_id=0, eos_token_ids=(0,))
    sampling = {"do_sample": True, "seed": MAX_SEED}
    assert defaults.with_options(sampling).seed == MAX_SEED
    with pytest.raises(ConfigurationError, match=f"from 0 to {MAX_SEED}"):
        defaults.with_options({**sampling, "seed": MAX_SEED + 1})


def _errors(base: type[SeesayError]) -> Iterator[tuple[str, str]]:
    for kind in base.__subclasses__():
        yield kind.__name__, kind.code
        yield from _errors(kind)


@pytest.mark.parametrize("name", ["seesay", "embed"])
def test_the_implementation_keeps_the_promise(tmp_path: Path, name: str) -> None:
    assert check_types(tmp_path, CONFORMITY.format(name=name)) == ""
