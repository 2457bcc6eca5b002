"""What the views of this part share: what is asked for is looked up by the caller's order, or it is not there."""

from __future__ import annotations

from django.utils import timezone, translation

from django_ppx.api.problems import Problem, Reason
from django_ppx.api.views import ShopperView
from django_ppx.core.recording import PurchaseRecord
from django_ppx.offers.explaining import UnknownOrder, find_record
from django_ppx.ugc.models import UGCSubmission
from django_ppx.ugc.order_submissions import find_submission, submissions_of


class OwnedView(ShopperView):
    """For what was begun or sent in for the caller's order."""

    @property
    def language(self) -> str:
        return translation.get_language() or ""

    def record(self) -> PurchaseRecord:
        """Return our record of the caller's order. :raises Problem: when nobody knows it."""
        try:
            return find_record(order_ref=self.order_ref, now=timezone.now())
        except UnknownOrder:
            raise Problem(Reason.NOT_FOUND) from None

    def owned(self, form_key: str) -> UGCSubmission:
        """Return the order's submission of this key. :raises Problem: when there is none."""
        found = find_submission(self.order_ref, form_key)
        if found is None:
            raise Problem(Reason.NOT_FOUND)
        return found

    def shown(self, form_key: str) -> UGCSubmission:
        """Return the same with all that shows how it stands."""
        found = submissions_of(self.order_ref).filter(form_key=form_key).first()
        if found is None:
            raise Problem(Reason.NOT_FOUND)
        return found
