"""Public signals, for hosts. Each is sent after commit, robustly; no receiver of ours stands behind any of them."""

from __future__ import annotations

from django.dispatch import Signal

# purchase: django_ppx.core.models.Purchase. Sent once per order, when it is first recorded.
purchase_recorded = Signal()

# purchase: django_ppx.core.models.Purchase. Sent once, when the order turns cancelled.
purchase_cancelled = Signal()

# purchase: django_ppx.core.models.Purchase; amount: Decimal refunded in total, in the purchase's currency.
purchase_refunded = Signal()

# code: django_ppx.rewards.models.DiscountCode. Sent once per code, when it is issued.
code_issued = Signal()

# redemption: django_ppx.rewards.models.CodeRedemption. Sent when a use is reserved for an order that is being paid.
code_reserved = Signal()

# redemption: django_ppx.rewards.models.CodeRedemption. Sent when an order uses a code; once, unless released between.
code_redeemed = Signal()

# redemption: django_ppx.rewards.models.CodeRedemption. Sent when a use is given back.
code_released = Signal()

# reward: django_ppx.rewards.models.Reward. Sent once per reward, when it is promised or given.
reward_granted = Signal()

# reward: django_ppx.rewards.models.Reward. Sent once per reward, when the customer can use it: a code may be sent, a
# gift packed, points credited. Right after `reward_granted` where nothing has to be waited for.
reward_issued = Signal()

# reward: django_ppx.rewards.models.Reward. Sent once, when it is taken back.
reward_reversed = Signal()

# reward: django_ppx.rewards.models.Reward. Sent when staff have to look at it: `reward.flag` says why.
reward_flagged = Signal()

# attempts: int; window_starts_at: datetime. Sent once an hour in which codes are guessed more often than
# `PPX_GUESS_ALARM_PER_HOUR`.
code_guessing_noticed = Signal()

# submission: django_ppx.ugc.models.UGCSubmission. Sent once, when it was sent in and waits.
submission_sent = Signal()

# submission: django_ppx.ugc.models.UGCSubmission. Sent when it is approved; its reward is in `submission.reward`.
submission_approved = Signal()

# submission: django_ppx.ugc.models.UGCSubmission. Sent when it is rejected; again when it was put back between.
submission_rejected = Signal()

# submission: django_ppx.ugc.models.UGCSubmission; reward: str, what becomes of its reward: "none", "kept",
# "taken_back" or "used". Sent once, when it is withdrawn, taken down, or its licence is over.
submission_ended = Signal()

# event: django_ppx.events.models.OfferEvent. Sent once per stored event, after commit.
offer_event_recorded = Signal()
