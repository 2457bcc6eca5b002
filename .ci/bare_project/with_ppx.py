"""What a shop adds to the settings of `django-admin startproject`; REST framework is not listed."""

from bare.settings import *  # noqa: F403
from bare.settings import INSTALLED_APPS, MIDDLEWARE

INSTALLED_APPS = [*INSTALLED_APPS, "django_ppx"]
MIDDLEWARE = [*MIDDLEWARE, "django_ppx.middleware.PersonalPageMiddleware"]
ROOT_URLCONF = "shop_urls"
ALLOWED_HOSTS = ["testserver"]
STATIC_ROOT = "collected"
PPX_ORDER_FIELDS = {
    "number": "number",
    "placed_at": "placed_at",
    "currency": "=EUR",
    "total": "total",
    "customer.email": "email",
}
