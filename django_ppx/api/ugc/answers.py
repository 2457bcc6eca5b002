"""Ready values of the services, as JSON. Every one has the shape that its serializer describes."""

from __future__ import annotations

from typing import Any

from rest_framework.reverse import reverse

from django_ppx.ugc.inviting import photo_types, video_types
from django_ppx.ugc.models import UGCMedia, UGCSubmission, UGCUpload
from django_ppx.ugc.offering import Offering
from django_ppx.ugc.pieces import PIECE_BYTES
from django_ppx.ugc.showing import (
    ShownReward,
    media_of,
    name_of,
    previews_of,
    standing,
)
from django_ppx.ugc.uploading import largest_of

Type = UGCMedia.Type


def offering_as_json(offering: Offering, request: Any) -> dict[str, Any]:
    """Return an offer as `UgcOfferingSerializer` describes it."""
    invitation = offering.invitation
    ugc_offer, licence = invitation.ugc_offer, invitation.licence
    image_url = invitation.reward_image_url
    return {
        "offer": ugc_offer.slug,
        "theme": invitation.theme,
        "brief": invitation.brief,
        "accepted": {
            "photos": {
                "most": ugc_offer.max_photos,
                "max_bytes": largest_of(ugc_offer, Type.PHOTO),
                "media_types": list(photo_types(ugc_offer)),
            },
            "videos": {
                "most": ugc_offer.max_videos,
                "max_bytes": largest_of(ugc_offer, Type.VIDEO),
                "media_types": list(video_types(ugc_offer)),
            },
            "posts": ugc_offer.max_posts,
            "texts": list(invitation.accepted),
        },
        "reward": {
            "summary": invitation.reward,
            "text": invitation.reward_text,
            "conditions": list(invitation.reward_conditions),
            "image_url": request.build_absolute_uri(image_url) if image_url else "",
        },
        "licence": {
            "summary": licence.summary,
            "text": licence.text,
            "mark": licence.mark,
            "scopes": list(ugc_offer.licence.scopes),
            "term": licence.term,
            "term_months": ugc_offer.licence.term_months,
        },
        "minimum_age": ugc_offer.minimum_age,
        "asks_people_agreed": ugc_offer.asks_people_agreed,
        "disclosure": invitation.disclosure,
        "prepared_text": invitation.prepared_text,
        "products": [{"sku": each.sku, "title": each.title} for each in invitation.products],
        "ends_at": ugc_offer.ends_at and ugc_offer.ends_at.isoformat(),
        "has_room": offering.has_room,
    }


def submission_as_json(submission: UGCSubmission, request: Any) -> dict[str, Any]:
    """Return a submission as `UgcSubmissionSerializer` describes it. Load it with `submissions_of`."""
    stands = standing(submission)
    key = submission.form_key
    has_licence = bool(stands.licence_text)
    return {
        "id": key,
        "offer": submission.ugc_offer.slug,
        "state": submission.status,
        "title": stands.title,
        "next": stands.next,
        "theme": stands.theme,
        "created_at": submission.created_at.isoformat(),
        "sent_at": submission.sent_at and submission.sent_at.isoformat(),
        "caption": submission.caption,
        "product_sku": submission.product_sku,
        "product_title": submission.product_title,
        "files": [media_as_json(row, key, request) for row in media_of(submission)],
        "posts": list(stands.posts),
        "uploads": [
            upload_as_json(upload, key, request)
            for upload in sorted(submission.uploads.all(), key=lambda upload: int(upload.pk))
            if upload.media_id is None
        ],
        "promised": stands.promised,
        "reward": _reward_as_json(stands.reward) if stands.reward else None,
        "reason": stands.reason,
        "note": submission.note,
        "licence": {"summary": stands.licence_summary, "text": stands.licence_text}
        if has_licence
        else None,
        "can_withdraw": stands.can_withdraw or submission.status == UGCSubmission.Status.DRAFT,
        "is_reward_taken_back": stands.is_reward_taken_back,
    }


def media_as_json(row: UGCMedia, submission_key: str, request: Any) -> dict[str, Any]:
    """Return a photo or video as `UgcMediaSerializer` describes it."""
    return {
        "key": row.key,
        "type": row.type,
        "name": name_of(row),
        "width": row.width,
        "height": row.height,
        "duration_seconds": row.duration_seconds,
        "previews": [
            {
                "url": reverse(
                    "ppx_api:ugc_preview",
                    args=[submission_key, row.key, name],
                    request=request,
                ),
                "media_type": file["type"],
                "width": file.get("width"),
                "height": file.get("height"),
            }
            for name, file in previews_of(row).items()
        ],
    }


def upload_as_json(upload: UGCUpload, submission_key: str, request: Any) -> dict[str, Any]:
    """Return an upload in pieces as `UgcUploadSerializer` describes it."""
    media = upload.media
    return {
        "id": upload.key,
        "name": upload.name,
        "size": upload.size,
        "offset": upload.received,
        "chunk_size": PIECE_BYTES,
        "media": None if media is None else media_as_json(media, submission_key, request),
    }


def _reward_as_json(reward: ShownReward) -> dict[str, Any]:
    code = reward.code
    return {
        "state": reward.state,
        "summary": reward.summary,
        "usable_from": reward.usable_from,
        "code": None
        if code is None
        else {
            "text": code.text,
            "value": code.value,
            "summary": code.summary,
            "conditions": list(code.conditions),
            "expires_at": code.expires_at and code.expires_at.isoformat(),
            "last_day": code.last_day,
        },
    }
