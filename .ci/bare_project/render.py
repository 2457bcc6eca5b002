"""Ask the bare project for its thank-you page, and its admin for the login."""

from __future__ import annotations

import sys
from pathlib import Path

import django

django.setup()

from django.test import Client  # noqa: E402

import django_ppx  # noqa: E402


def main() -> int:
    installed = Path(django_ppx.__file__)
    assert "site-packages" in installed.parts, f"not the installed package: {installed}"

    response = Client().get("/thank-you/")
    page = response.content.decode()

    assert response.status_code == 200, response.status_code
    assert "<h1>Thank you</h1>" in page, page
    assert "django_ppx/" in page, f"ppx_head wrote nothing: {page}"
    assert "no-store" in response["Cache-Control"], response.headers
    assert Path("collected/django_ppx").is_dir(), "no static files were collected"
    assert Client().get("/admin/", follow=True).status_code == 200
    print(f"django-ppx {django_ppx.__version__} rendered in a bare project.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
