"""Taking a use in one statement, where the database has data-modifying CTEs. PostgreSQL alone.

The same steps as in `taking`, without the round trips between them: the code's row is locked for as long as one
statement takes. Codes with a budget or a limit per customer go the common way, and so do codes of several uses that
carry a reward: while the statement waits for the code's row the reward may be handed back, and it would not see that.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import connection

from django_ppx.rewards.models import CodeRedemption

_TAKEN: Final = """
WITH taken AS (
    UPDATE django_ppx_discountcode
    SET times_used = times_used + 1
    WHERE id = %(code)s
      AND status = 'issued'
      AND times_used < max_uses
      AND (reward_id IS NULL OR max_uses = 1)
      AND (starts_at IS NULL OR starts_at <= %(now)s)
      AND (expires_at IS NULL OR expires_at > %(now)s)
    RETURNING id, reward_id
)
"""

_MOVED: Final = """
, moved AS (
    UPDATE django_ppx_reward
    SET status = 'redeemed', entry_count = entry_count + 1, due_at = NULL
    FROM taken
    WHERE django_ppx_reward.id = taken.reward_id AND django_ppx_reward.status = 'issued'
    RETURNING django_ppx_reward.id, django_ppx_reward.entry_count
), noted AS (
    INSERT INTO django_ppx_rewardentry (reward_id, number, kind, at, why, order_ref)
    SELECT id, entry_count, 'redeemed', %(now)s, '', %(order_ref)s FROM moved
)
"""

_STORED: Final = """
INSERT INTO django_ppx_coderedemption (
    code_id, order_ref, status, customer_id, currency, discount_minor, budget_minor, limit_keys,
    reserved_at, reserved_until, redeemed_at, release_reason
)
SELECT id, %(order_ref)s, %(status)s, %(customer)s, %(currency)s, %(discount)s, 0, '[]',
       %(reserved_at)s, %(reserved_until)s, %(redeemed_at)s, ''
FROM taken
RETURNING id
"""


def take_in_one_statement(redemption: CodeRedemption, *, moves_reward: bool, now: datetime) -> bool:
    """Take a use of the redemption's code and store the row; return False when no use could be had.

    With `moves_reward` the code's reward, if it is `issued`, becomes `redeemed`, with its entry.

    :raises IntegrityError: when the order has a row already; then nothing has changed.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _TAKEN + _MOVED + _STORED if moves_reward else _TAKEN + _STORED,
            {
                "code": redemption.code_id,
                "now": now,
                "order_ref": redemption.order_ref,
                "status": redemption.status,
                "customer": redemption.customer_id,
                "currency": redemption.currency,
                "discount": redemption.discount_minor,
                "reserved_at": redemption.reserved_at,
                "reserved_until": redemption.reserved_until,
                "redeemed_at": redemption.redeemed_at,
            },
        )
        row = cursor.fetchone()
    if row is None:
        return False
    redemption.pk = row[0]
    redemption._state.adding, redemption._state.db = False, connection.alias
    return True
