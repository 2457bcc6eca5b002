"""Set up an offer in the bare project and ask for its thank-you page, as the customer's browser does."""

from __future__ import annotations

import sys
from pathlib import Path

import django

django.setup()

from django.test import Client  # noqa: E402

import django_ppx  # noqa: E402
from django_ppx.rewards.alphabet import grouped  # noqa: E402
from django_ppx.rewards.models import DiscountCode  # noqa: E402
from django_ppx.testing import make_benefit, make_offer  # noqa: E402


def main() -> int:
    installed = Path(django_ppx.__file__)
    assert "site-packages" in installed.parts, f"not the installed package: {installed}"
    assert Path("collected/django_ppx").is_dir(), "no static files were collected"
    make_offer("next_purchase_discount", benefit=make_benefit())
    browser = Client()

    pages = [browser.get("/thank-you/") for _ in range(2)]

    for response in pages:
        page = response.content.decode()
        assert response.status_code == 200, response.status_code
        assert "<h1>Thank you</h1>" in page, page
        assert "/static/django_ppx/" in page, f"ppx_head wrote nothing: {page}"
        assert "ppx-card" in page, f"ppx_thank_you showed no offer: {page}"
        assert "no-store" in response["Cache-Control"], response.headers
        assert grouped(DiscountCode.objects.get().code) in page, f"the page has no code: {page}"
    assert browser.get("/admin/", follow=True).status_code == 200
    print(f"django-ppx {django_ppx.__version__} gave a code in a bare project, twice the same.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
