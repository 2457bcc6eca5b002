"""Cards as a page gets them, without a database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django_ppx.offers.cards import Card, CardCode, CardImage, CardLink

DESIGNS = ("ticket", "card", "banner")
KINDS = ("next_purchase_discount", "review_request", "social_invite", "share_prompt", "message")


def make_code(**overrides: Any) -> CardCode:
    values: dict[str, Any] = {
        "text": "K7PM-WX3D-9RTQ",
        "value": "K7PMWX3D9RTQ",
        "summary": "10 % off",
        "conditions": ("Orders of €30 or more", "Once per customer"),
        "expires_at": datetime(2026, 12, 31, 23, tzinfo=UTC),
        "last_day": "31 December 2026",
    }
    return CardCode(**{**values, **overrides})


def make_link(**overrides: Any) -> CardLink:
    values: dict[str, Any] = {"label": "Instagram", "url": "/ppx/go/tok-1/a/", "key": "a"}
    return CardLink(**{**values, "icon": "instagram", **overrides})


def make_card(kind: str = "message", design: str = "card", **overrides: Any) -> Card:
    values: dict[str, Any] = {
        "kind": kind,
        "design": design,
        "template": f"django_ppx/kinds/{kind}.html",
        "design_template": f"django_ppx/designs/{design}.html",
        "element_id": "ppx-thank_you-1",
        "headline": "Thank you",
        "text": "One line\nand another",
        "button": "",
        "language": "en",
        "direction": "ltr",
        "links": (make_link(), make_link(label="TikTok", icon="tiktok", key="b")),
        "token": "tok-1",
        "event_url": "/ppx/event/",
        "dismiss_url": "/ppx/dismiss/",
        "is_dismissible": True,
    }
    if kind == "next_purchase_discount":
        values |= {"code": make_code(), "links": ()}
    if kind == "share_prompt":
        values["details"] = {
            "share_text": "Found at Example Shop",
            "share_url": "https://shop.example.com/p/1",
            "share_title": "Linen",
            "copy_text": "Found at Example Shop https://shop.example.com/p/1",
        }
    if kind == "message":
        values["links"] = (make_link(label="Read the care guide", icon=""),)
    return Card(**{**values, **overrides})


def make_image(**overrides: Any) -> CardImage:
    values: dict[str, Any] = {"url": "/media/a.webp", "width": 1200, "height": 800, "alt": "Linen"}
    return CardImage(**{**values, **overrides})
