"""Where benchmark results go, and under what circumstances they came about."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools import chromium
from tools.project import ROOT, shown, version

RESULTS = ROOT / "bench" / "results"


def circumstances(load_before: float) -> dict[str, Any]:
    """Return when, where and in what browser; call it at the end.

    Args:
        load_before: the machine's load average (1 minute) at the beginning.
    """
    said = subprocess.run(
        [chromium.ensure(), "--version"], capture_output=True, text=True, check=True
    )
    return {
        "date": dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "version": version(),
        "browser": " ".join(said.stdout.split()[:2]),
        "machine": {
            "cores": os.cpu_count(),
            "processor": processor(),
            "load_before": load_before,
            "load_after": os.getloadavg()[0],
        },
    }


def about(result: Mapping[str, Any]) -> str:
    """Return the circumstances as a sentence."""
    machine = result["machine"]
    before, after = machine["load_before"], machine["load_after"]
    return (
        f"{result['date']}, Seesay {result['version']}, {result['browser']}, {machine['cores']} "
        f"cores ({machine['processor']}), load {before:.1f} before and {after:.1f} after.\n"
    )


def table(head: list[str], cells: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *cells]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def write(out: Path, name: str, result: dict[str, Any], text: str) -> None:
    """Write a result as JSON and as Markdown, and show it."""
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    (out / f"{name}.md").write_text(text, encoding="utf-8")
    print(text)
    print(f"Written to {shown(out.resolve())}.")


def processor() -> str:
    """Return the name of this machine's processor."""
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
