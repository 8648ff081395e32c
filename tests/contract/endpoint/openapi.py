"""docs/openapi.json: addresses made from it, and answers held to it, as schemathesis would do."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st

from tests.contract.cli.command import BEE
from tools.project import ROOT

OPENAPI = json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8"))


def resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in schema:
        place: Any = OPENAPI
        for part in schema["$ref"].removeprefix("#/").split("/"):
            place = place[part]
        schema = place
    return schema


KINDS: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
}


def check(value: Any, schema: Mapping[str, Any], where: str = "answer") -> None:
    """Hold a value against the part of JSON Schema that the file uses."""
    schema = resolved(schema)
    known = {"type", "enum", "required", "properties", "additionalProperties", "items"}
    assert set(schema) <= known, where
    assert isinstance(value, KINDS[schema["type"]]), where
    assert value in schema.get("enum", [value]), where
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        assert set(schema.get("required", ())) <= set(value), where
        if schema.get("additionalProperties") is False:
            assert set(value) <= set(properties), where
        for name in set(value) & set(properties):
            check(value[name], properties[name], f"{where}.{name}")
    if isinstance(value, list) and "items" in schema:
        for item in value:
            check(item, schema["items"], f"{where}[]")


OPERATIONS = [
    (path, method, operation)
    for path, methods in OPENAPI["paths"].items()
    for method, operation in methods.items()
]
BODIES = st.one_of(st.just(BEE.read_bytes()), st.binary(max_size=300))


@st.composite
def address(draw: st.DrawFn, path: str, operation: Mapping[str, Any], known: Sequence[str]) -> str:
    """Fill the parameters of an operation with what fits, with what is known, or with anything."""
    query = ""
    for reference in operation["parameters"]:
        parameter = resolved(reference)
        schema = parameter["schema"]
        fitting = (
            st.sampled_from(schema["enum"])
            if "enum" in schema
            else st.from_regex(re.compile(schema["pattern"], re.ASCII), fullmatch=True)
        )
        strategy = st.one_of(fitting, fitting, st.sampled_from(known), st.text(max_size=20))
        value = draw(strategy)
        if parameter["in"] == "query":
            query = f"?{parameter['name']}={quote(value, safe='')}"
        else:
            path = path.replace(f"{{{parameter['name']}}}", quote(value, safe=""))
    return path + query


def check_response(
    operation: Mapping[str, Any], status: int, headers: Mapping[str, str], answer: Any
) -> None:
    """Hold an answer to what an operation may answer."""
    types = {name.lower(): value for name, value in headers.items()}
    assert types["content-type"].startswith("application/json")
    response = resolved(operation["responses"][str(status)])
    check(answer, response["content"]["application/json"]["schema"])
