"""What customers sent and staff approved, as pages show it: ready values, one query, nothing of who sent it.

Links to posts are not among it: a post names its author.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils import translation
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from django_ppx.core.models import PurchaseLine
from django_ppx.core.texts import clean_text
from django_ppx.ugc.models import UGCMedia
from django_ppx.ugc.serving import NotShown, published_media

MOST: Final = 100
"""Items that are shown at once, whatever a tag asks for."""
ALT_LENGTH: Final = 200
_COLUMNS: Final = ("key", "type", "width", "height", "files", "submission_id")
_SUBMISSION_COLUMNS: Final = (
    "alt_text",
    "caption",
    "product_sku",
    "product_title",
    "reward_id",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class GalleryPicture:
    """One picture in the sizes and formats there are, as `<picture>` wants them."""

    src: str
    srcset: str
    webp_srcset: str
    width: int
    height: int
    full_url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class GalleryItem:
    """One published photo or video. `picture` is a video's poster; a video without one has None.

    `video_url` is "" for a photo. `product_url` is "" where the page of the product is not known.
    """

    key: str
    type: str
    picture: GalleryPicture | None
    video_url: str
    width: int | None
    height: int | None
    alt: str
    caption: str
    is_rewarded: bool
    product_title: str
    product_url: str
    page_url: str
    report_url: str

    @property
    def is_video(self) -> bool:
        return self.type == UGCMedia.Type.VIDEO


@dataclass(frozen=True, kw_only=True, slots=True)
class GallerySlice:
    """A part of the gallery, newest first, and whether there is more after it."""

    items: tuple[GalleryItem, ...]
    has_more: bool


def gallery_slice(
    *, product: Any = None, limit: int, now: datetime, language: str, offset: int = 0
) -> GallerySlice:
    """Return `limit` published items from `offset` on. One query.

    `product` is the shop's own object, by its attribute `sku`, or the SKU itself. One without a SKU has no items.
    """
    sku = None if product is None else sku_of(product)
    if sku == "" or limit < 1:
        return GallerySlice(items=(), has_more=False)
    limit = min(limit, MOST)
    media = UGCMedia.objects.published(now=now)
    if sku is not None:
        media = media.for_product(sku)
    rows = list(_with_columns(media)[offset : offset + limit + 1])
    return GallerySlice(items=_items(rows[:limit], language), has_more=len(rows) > limit)


def gallery_item(key: str, *, now: datetime, language: str) -> GalleryItem:
    """Return one published item. One query.

    :raises NotShown: for everything that is not published at `now`.
    """
    items = _items(_with_columns(published_media(key, now=now)), language)
    if not items:
        raise NotShown
    return items[0]


def sku_of(product: Any) -> str:
    """Return the SKU of one of the shop's products, or of what is one itself."""
    return clean_text(getattr(product, "sku", product), 150)


def _with_columns(media: Any) -> Any:
    bought = PurchaseLine.objects.filter(
        purchase=OuterRef("submission__purchase"), sku=OuterRef("submission__product_sku")
    ).exclude(sku="")
    columns = [*_COLUMNS, *(f"submission__{column}" for column in _SUBMISSION_COLUMNS)]
    return media.annotate(
        product_url=Subquery(bought.order_by("position").values("product_url")[:1])
    ).only(*columns)


def _items(rows: Iterable[Any], language: str) -> tuple[GalleryItem, ...]:
    with translation.override(language):
        return tuple(_item(row) for row in rows)


def _item(media: Any) -> GalleryItem:
    submission = media.submission
    is_video = media.type == UGCMedia.Type.VIDEO
    fallback = _("A customer's video") if is_video else _("A customer's photo")
    words = submission.alt_text or submission.caption or submission.product_title or fallback
    video = next(
        (name for name, file in media.files.items() if file["type"].startswith("video/")), ""
    )
    return GalleryItem(
        key=media.key,
        type=media.type,
        picture=_picture(media.key, media.files),
        video_url=media_url(media.key, video) if video else "",
        width=media.width,
        height=media.height,
        alt=Truncator(" ".join(words.split())).chars(ALT_LENGTH),
        caption=submission.caption,
        is_rewarded=submission.reward_id is not None,
        product_title=submission.product_title,
        product_url=_web_address(media.product_url or ""),
        page_url=reverse("ppx:gallery_item", args=[media.key]),
        report_url=reverse("ppx:gallery_report", args=[media.key]),
    )


def media_url(key: str, name: str) -> str:
    """Return the path under which a file is served while it is published."""
    return reverse("ppx:ugc_media", args=[key, name])


def _picture(key: str, files: Mapping[str, Mapping[str, Any]]) -> GalleryPicture | None:
    sources: dict[str, dict[int, str]] = {"image/jpeg": {}, "image/webp": {}}
    # By name, since not every database keeps the order of a JSON column: list, gallery, full.
    for name, file in sorted(files.items(), reverse=True):
        if file["type"] in sources:
            # A small picture has the same size three times: one of them is enough.
            sources[file["type"]].setdefault(int(file["width"]), name)
    jpeg, webp = (dict(sorted(by_width.items())) for by_width in sources.values())
    if not jpeg:
        return None
    largest = files[jpeg[max(jpeg)]]
    shown = files.get("gallery.jpg", largest)
    return GalleryPicture(
        src=media_url(key, jpeg[int(shown["width"])]),
        srcset=_srcset(key, jpeg),
        webp_srcset=_srcset(key, webp),
        width=int(largest["width"]),
        height=int(largest["height"]),
        full_url=media_url(key, jpeg[max(jpeg)]),
    )


def _srcset(key: str, by_width: Mapping[int, str]) -> str:
    return ", ".join(f"{media_url(key, name)} {width}w" for width, name in by_width.items())


def _web_address(url: str) -> str:
    is_path = url.startswith("/") and not url.startswith(("//", "/\\"))
    return url if is_path or url.startswith(("https://", "http://")) else ""
