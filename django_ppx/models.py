"""The table of contents of the database: imports only."""

from django_ppx.core.models import Customer, CustomerKey, Purchase, PurchaseLine
from django_ppx.discounts.models import NextPurchaseDiscount
from django_ppx.events.models import OfferEvent
from django_ppx.messages.models import Message
from django_ppx.offers.models import (
    Audience,
    AudienceRule,
    Offer,
    OfferPresentation,
    OfferRevision,
    OfferVariant,
    OfferVariantText,
    Theme,
)
from django_ppx.outbox.models import OutboxMail
from django_ppx.reviews.models import ReviewPlatform, ReviewRequest
from django_ppx.rewards.models import (
    AttemptCount,
    Benefit,
    BenefitAmount,
    BenefitBudget,
    BenefitScope,
    CodeBatch,
    CodeRedemption,
    CustomerUseCount,
    DiscountCode,
    FailedAttempt,
    Reward,
    RewardEntry,
)
from django_ppx.social.models import SharePrompt, SharePromptText, SocialChannel, SocialInvite

__all__ = [
    "AttemptCount",
    "Audience",
    "AudienceRule",
    "Benefit",
    "BenefitAmount",
    "BenefitBudget",
    "BenefitScope",
    "CodeBatch",
    "CodeRedemption",
    "Customer",
    "CustomerKey",
    "CustomerUseCount",
    "DiscountCode",
    "FailedAttempt",
    "Message",
    "NextPurchaseDiscount",
    "Offer",
    "OfferEvent",
    "OfferPresentation",
    "OfferRevision",
    "OfferVariant",
    "OfferVariantText",
    "OutboxMail",
    "Purchase",
    "PurchaseLine",
    "ReviewPlatform",
    "ReviewRequest",
    "Reward",
    "RewardEntry",
    "SharePrompt",
    "SharePromptText",
    "SocialChannel",
    "SocialInvite",
    "Theme",
]
