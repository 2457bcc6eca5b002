"""What webhooks say of an approved submission, put into the outbox with the decision."""

from __future__ import annotations

from datetime import datetime

from django_ppx.outbox.models import WebhookEvent
from django_ppx.outbox.posting_webhooks import is_wanted, post_webhooks
from django_ppx.ugc.models import UGCSubmission


def post_approved_webhook(submission: UGCSubmission, *, now: datetime) -> None:
    """Tell that a submission was approved. Nothing is looked up where nobody wants to hear of it."""
    if not is_wanted(WebhookEvent.UGC_APPROVED):
        return
    purchase = submission.purchase
    post_webhooks(
        event=WebhookEvent.UGC_APPROVED,
        key=f"ugc.approved:{submission.pk}",
        data={
            "submission": submission.pk,
            "offer": submission.ugc_offer.slug,
            "order_ref": purchase.order_ref,
            "is_test": purchase.is_test,
            "account_id": submission.customer.account_id or None,
            "product_sku": submission.product_sku or None,
            "is_published": submission.published_at is not None,
            "reward": submission.reward_id,
        },
        now=now,
    )
