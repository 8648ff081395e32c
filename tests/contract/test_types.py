"""The types of the JavaScript API, as a TypeScript user and as the implementation meet them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

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
import * as implementation from "./seesay.mjs";
import type * as promised from "./seesay.d.ts";
export const conforms: typeof promised = implementation;
"""


def check_types(folder: Path, program: str) -> str:
    """Return what TypeScript has against a program that lies beside the API."""
    shutil.copy(ROOT / "web" / "seesay.mjs", folder)
    shutil.copytree(ROOT / "web" / "api", folder / "api")
    shutil.copy(ROOT / "web" / "seesay.d.ts", folder)
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


def test_the_implementation_keeps_the_promise(tmp_path: Path) -> None:
    assert check_types(tmp_path, CONFORMITY) == ""
