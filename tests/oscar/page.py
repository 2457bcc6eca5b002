"""The snippets of docs/oscar.md, which the shop of these tests is made of."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "oscar.md"
FILE = re.compile(
    r"^\*\*`(?P<name>[^`]+)`\*\*\n+```\w*\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)


def snippets(name: str) -> str:
    """Return what the page says belongs into the file of this name, in its order."""
    text = PAGE.read_text(encoding="utf-8")
    return "\n".join(found["text"] for found in FILE.finditer(text) if found["name"] == name)
