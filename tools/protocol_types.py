"""The worker's messages for JavaScript: ``python -m tools.protocol_types`` writes protocol.d.ts."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from typing import Any

from tools.files import write_text
from tools.project import ROOT
from worker import protocol

SOURCES = ROOT / "worker" / "requests.py", ROOT / "worker" / "answers.py"
TARGET = ROOT / "web" / "api" / "protocol.d.ts"
_HEAD = """\
/**
 * The messages between page and worker. Made from worker/protocol.py,
 * requests.py and answers.py by `python -m tools.protocol_types`; do not change it by hand.
 */
"""
_MESSAGES = """
export interface Message<Kind, Payload> {{
  v: {version};
  id: number;
  kind: Kind;
  payload: Payload;
}}
type Messages<Payloads> = {{
  [Kind in keyof Payloads]: Message<Kind, Payloads[Kind]>;
}}[keyof Payloads];
export type FromPage = Messages<Requests>;
export type FromWorker = Messages<Events & Ends>;
"""
_SIMPLE = {
    "str": "string",
    "int": "number",
    "float": "number",
    "bool": "boolean",
    "bytes": "ArrayBuffer",
    "Any": "any",
}


def payloads() -> dict[str, dict[str, str]]:
    """Return the fields of every type of payload, and their types as the source has them."""
    return {node.name: _fields(node) for node in _classes()}


def declarations() -> str:
    """Return the content of web/api/protocol.d.ts."""
    requests = {
        kind: type_.__name__ for kind, type_ in (protocol.BOOT_REQUESTS | protocol.REQUESTS).items()
    }
    parts = [_HEAD]
    parts += [_interface(node, from_page=node.name in requests.values()) for node in _classes()]
    tables = {
        "Requests": requests,
        "Answers": protocol.ANSWERS,
        "Events": protocol.EVENTS,
        "Ends": protocol.ENDS,
    }
    parts += [_table(name, kinds) for name, kinds in tables.items()]
    return "".join(parts) + _MESSAGES.format(version=protocol.VERSION)


def _classes() -> Iterator[ast.ClassDef]:
    for source in SOURCES:
        for node in ast.parse(source.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                yield node


def _fields(node: ast.ClassDef) -> dict[str, str]:
    fields = [field for field in node.body if isinstance(field, ast.AnnAssign)]
    return {ast.unparse(field.target): ast.unparse(field.annotation) for field in fields}


def _interface(node: ast.ClassDef, *, from_page: bool) -> str:
    fields = _fields(node).items()
    lines = "".join(f"  {_field(field, text, from_page)};\n" for field, text in fields)
    about = (ast.get_docstring(node) or "").replace("``", "`")
    return f"\n/** {about} */\nexport interface {node.name} {{\n{lines}}}\n"


def _field(name: str, text: str, from_page: bool) -> str:
    """Declare a field; Python's None is null on its way in, and undefined on its way out."""
    optional = text.startswith("NotRequired[")
    if optional:
        text = text.removeprefix("NotRequired[").removesuffix("]")
    if not from_page and text.endswith(" | None"):
        optional, text = True, text.removesuffix(" | None")
    return f"{name}{'?' if optional else ''}: {_type(ast.parse(text, mode='eval').body)}"


def _table(name: str, kinds: Mapping[str, str]) -> str:
    lines = "".join(
        f'  "{kind}": {_type(ast.parse(text, mode="eval").body)};\n' for kind, text in kinds.items()
    )
    return f"\nexport interface {name} {{\n{lines}}}\n"


def _type(node: Any) -> str:
    if isinstance(node, ast.BinOp):
        return f"{_type(node.left)} | {_type(node.right)}"
    if isinstance(node, ast.Constant):
        return "null" if node.value is None else json.dumps(node.value)
    if isinstance(node, ast.Name):
        return _SIMPLE.get(node.id, node.id)
    kind = node.value.id
    if kind == "dict":
        return "Record<string, any>"
    if kind == "list":
        return f"{_type(node.slice)}[]"
    return " | ".join(map(_type, getattr(node.slice, "elts", [node.slice])))  # Literal


if __name__ == "__main__":
    write_text(TARGET, declarations())
