"""Draw every picture of the shop into its static files: `python -m example_project.artwork`."""

from __future__ import annotations

from pathlib import Path

from .pictures import PICTURES

STATIC = Path(__file__).resolve().parent.parent / "shop" / "static" / "shop"

for name, draw in PICTURES.items():
    (STATIC / f"{name}.svg").write_text(draw().svg(), encoding="utf-8")
