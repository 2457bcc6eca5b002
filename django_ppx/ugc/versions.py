"""New versions of licences: a licence that customers agreed to is never changed, but followed by another."""

from __future__ import annotations

from functools import partial

from django_ppx.core.retrying import run_retrying
from django_ppx.ugc.models import UGCLicence, UGCLicenceText


def make_new_version(*, licence_id: int) -> UGCLicence:
    """Return a copy of the licence, its texts with it, numbered after the last version of its name.

    :raises TransactionConflict: see `run_retrying`.
    """
    return run_retrying(partial(_make, licence_id))


def _make(licence_id: int) -> UGCLicence:
    source = UGCLicence.objects.select_for_update().get(pk=licence_id)
    same_name = UGCLicence.objects.select_for_update().filter(name=source.name)
    last = max(same_name.values_list("version", flat=True), default=source.version)
    made = UGCLicence.objects.create(
        name=source.name,
        version=last + 1,
        scopes=list(source.scopes),
        term_months=source.term_months,
    )
    UGCLicenceText.objects.bulk_create(
        UGCLicenceText(licence=made, language=row.language, summary=row.summary, text=row.text)
        for row in source.texts.order_by("pk")
    )
    return made
