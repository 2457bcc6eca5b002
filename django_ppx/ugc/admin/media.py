"""How one photo or video stands on a page of the admin: its addresses in our own view, and its measures."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from django_ppx.ugc.admin.files import FILE_URL_NAME
from django_ppx.ugc.models import UGCMedia


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownMedia:
    """Addresses are "" for what is not there: a video without a poster, files that are removed."""

    key: str
    is_video: bool
    small: str
    large: str
    full: str
    video: str
    video_type: str
    width: int | None
    height: int | None
    seconds: int | None
    name: str


def shown_media(media: UGCMedia, *, site_name: str) -> ShownMedia:
    """Return what a template needs to draw it. No query."""
    files = {} if media.files_removed_at is not None else media.files

    def url(name: str) -> str:
        if name not in files:
            return ""
        return reverse(f"admin:{FILE_URL_NAME}", args=[media.key, name], current_app=site_name)

    video = next((name for name in files if name.startswith("video.")), "")
    seconds = media.duration_seconds
    return ShownMedia(
        key=media.key,
        is_video=media.type == UGCMedia.Type.VIDEO,
        small=url("list.jpg"),
        large=url("gallery.jpg"),
        full=url("full.jpg"),
        video=url(video),
        video_type=files[video]["type"] if video else "",
        width=media.width,
        height=media.height,
        seconds=round(seconds) if seconds is not None else None,
        name=media.original_name,
    )
