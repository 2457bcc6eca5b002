"""Writes the page of all endpoints: `python -m tests.api.reference > docs/api_reference.md`."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import django

HEAD: Final = """# The API, endpoint by endpoint

Written by `python -m tests.api.reference > docs/api_reference.md` from the OpenAPI description; a test compares them.
[The guide](api.md) says what all endpoints share: who may call, errors, `Idempotency-Key`, pages, limits. Addresses are
below the API's own, such as `https://shop.example.com/ppx/api/v1`. Where the extra `[openapi]` is installed,
`GET openapi.json` is the same for machines.
"""
WHO: Final = {
    "orderToken": "the customer of an order, by token or session",
    "apiKey": "a key, or staff",
}
JSON: Final = "application/json"
Schema = Mapping[str, Any]


def main() -> str:
    """Return the page."""
    from django_ppx.api.openapi import describe  # noqa: PLC0415 - needs Django set up
    from django_ppx.api.urls import V1  # noqa: PLC0415

    return Page(describe(V1, base="/ppx/api/v1")).text()


class Page:
    """The description as Markdown."""

    def __init__(self, description: Schema) -> None:
        self.paths: Mapping[str, Any] = description["paths"]
        self.components: Schema = description["components"]["schemas"]

    def text(self) -> str:
        by_tag: dict[str, list[str]] = {}
        for path, methods in self.paths.items():
            for method, operation in methods.items():
                section = "\n".join(self.operation(path, method, operation))
                by_tag.setdefault(operation["tags"][0], []).append(section)
        parts = [f"## {tag}\n\n" + "\n".join(sections) for tag, sections in by_tag.items()]
        parts.append("## Shapes\n\nA field that may be left out is marked; all others are there.\n")
        parts += ["\n".join(self.shape(name)) for name in sorted(self.components)]
        return re.sub(r"\n{3,}", "\n\n", HEAD + "\n" + "\n".join(parts)).rstrip() + "\n"

    def operation(self, path: str, method: str, operation: Schema) -> Iterator[str]:
        yield f"### `{method.upper()} {path.lstrip('/')}`\n"
        yield (
            _in_one_line(operation["description"].partition("\n\nA key needs")[0]).rstrip(".")
            + ".\n"
        )
        who = WHO[next(iter(operation["security"][0]))]
        scope = operation.get("x-ppx-scope")
        yield f"- `{operation['operationId']}`, for {who}" + (f" (`{scope}`)" if scope else "")
        for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
            as_type = "" if media_type == JSON else f", `{media_type}`"
            yield f"- body: {self.kind(content['schema'])}{as_type}"
        for status, response in operation["responses"].items():
            if status.startswith("2"):
                yield f"- {status}: {self.answer(response)}"
        yield ""
        yield from self.parameters(operation)

    def parameters(self, operation: Schema) -> Iterator[str]:
        shown = [
            each
            for each in operation.get("parameters", ())
            if each["in"] != "path" and each["name"] != "Idempotency-Key"
        ]
        if shown:
            yield "| name | in the | type | |\n|---|---|---|---|"
            for each in shown:
                text = _in_one_line(each.get("description", ""))
                yield f"| `{each['name']}` | {each['in']} | {self.kind(each['schema'])} | {text} |"
            yield ""

    def answer(self, response: Schema) -> str:
        found = [
            self.kind(content["schema"]) if media_type == JSON else f"`{media_type}`"
            for media_type, content in response.get("content", {}).items()
        ]
        return ", ".join(found) or "no body"

    def shape(self, name: str) -> Iterator[str]:
        schema = self.components[name]
        yield f"### {name}\n"
        yield _in_one_line(schema.get("description", "")) + "\n"
        properties = schema.get("properties", {})
        if properties:
            yield "| field | type | |\n|---|---|---|"
            for field, inner in properties.items():
                must = "" if field in schema.get("required", ()) else ", may be left out"
                text = _in_one_line(inner.get("description", ""))
                yield f"| `{field}` | {self.kind(inner)}{must} | {text} |"
            yield ""
        if name in self.answers():
            example = json.dumps(self.example(schema), indent=2, ensure_ascii=False)
            yield f"```json\n{example}\n```\n"

    def answers(self) -> set[str]:
        """Return the shapes that are answers as they are."""
        return {
            content["schema"]["$ref"].rpartition("/")[2]
            for methods in self.paths.values()
            for operation in methods.values()
            for response in operation["responses"].values()
            for content in response.get("content", {}).values()
            if "$ref" in content["schema"]
        }

    def resolved(self, schema: Schema) -> Schema:
        if "$ref" in schema:
            return dict(self.components[schema["$ref"].rpartition("/")[2]])
        if len(schema.get("allOf", ())) == 1:
            rest = {name: value for name, value in schema.items() if name != "allOf"}
            return {**self.resolved(schema["allOf"][0]), **rest}
        return schema

    def kind(self, schema: Schema) -> str:
        whole = self.resolved(schema)
        ref = schema.get("$ref") or next(iter(schema.get("allOf", ())), {}).get("$ref", "")
        name = str(whole.get("format") or whole.get("type") or "any value")
        if ref:
            shape = ref.rpartition("/")[2]
            name = f"[{shape}](#{shape.lower()})"
        elif whole.get("type") == "array":
            name = f"list of {self.kind(whole['items'])}"
        if "enum" in whole:
            name = ", ".join(f"`{value}`" for value in whole["enum"] if value is not None)
        least, most = whole.get("minimum"), whole.get("maximum")
        if least is not None and most is not None and most < 2**31:
            name += f", {least} to {most}"
        if "maxLength" in whole and "enum" not in whole:
            name += f", at most {whole['maxLength']}"
        if "maxItems" in whole:
            name += f", at most {whole['maxItems']}"
        return name + (" or null" if whole.get("nullable") else "")

    def example(self, schema: Schema, name: str = "") -> Any:
        """Return a value as the schema has it."""
        whole = self.resolved(schema)
        if "example" in whole:
            return whole["example"]
        if whole.get("enum"):
            return whole["enum"][0]
        kind = whole.get("type")
        if kind == "array":
            return [self.example(whole["items"], name)]
        if kind == "object" or "properties" in whole:
            inner = whole.get("properties", {})
            return {each: self.example(value, each) for each, value in inner.items()}
        simple = {"integer": 7, "boolean": True, "number": 1.5, "string": "…", None: None}
        formats = {"date-time": "2026-03-31T12:00:00+02:00", "uri": "https://shop.example.com/…"}
        return formats.get(whole.get("format", ""), simple[kind])


def _in_one_line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    print(main(), end="")
