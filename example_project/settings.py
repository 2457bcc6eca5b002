"""The example shop's settings: what an ordinary shop has, and a few lines for django-ppx.

`PPX_DEMO_DATABASE` names another SQLite file, `PPX_DEMO_DEBUG=0` turns the debug pages off,
`PPX_DEMO_CURRENCY` prices the shop in another currency.
"""

from __future__ import annotations

import os
from pathlib import Path

import django
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent

SECRET_KEY = "the example shop keeps no secrets: never copy this line"
DEBUG = os.environ.get("PPX_DEMO_DEBUG", "1") != "0"
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", "testserver"]

INSTALLED_APPS = [
    "django_ppx",  # 1. the app
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "example_project.shop",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "example_project.middleware.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_ppx.middleware.PersonalPageMiddleware",  # 2. personal pages are never cached
    "example_project.middleware.CampaignMiddleware",
]

ROOT_URLCONF = "example_project.urls"
WSGI_APPLICATION = "example_project.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("PPX_DEMO_DATABASE") or BASE_DIR / "db.sqlite3",
        "ATOMIC_REQUESTS": True,
        # A writer waits for its turn instead of failing with "database is locked".
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "log_in"
LOGIN_REDIRECT_URL = "account"
LOGOUT_REDIRECT_URL = "home"

LANGUAGE_CODE = "en"
# Arabic has no texts of its own here. It is in the list to look at pages from right to left.
LANGUAGES = [("en", _("English")), ("de", _("German")), ("ar", _("Arabic"))]
TIME_ZONE = "Europe/Berlin"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
MEDIA_URL = "media/"
MEDIA_ROOT = BASE_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    # What customers send in. Not under MEDIA_ROOT: nobody reaches it but through our own view.
    "ppx_ugc": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": os.environ.get("PPX_DEMO_FILES") or BASE_DIR / "private"},
    },
}

EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
DEFAULT_FROM_EMAIL = "Kiln & Tide <studio@example.com>"
X_FRAME_OPTIONS = "SAMEORIGIN"  # the admin shows previews in frames of its own
SECURE_REFERRER_POLICY = "same-origin"

if django.VERSION < (6, 0):
    FORMS_URLFIELD_ASSUME_HTTPS = True

# Where the shop answers, for links made without a request (orders by phone, commands).
SHOP_URL = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"
SHOP_CURRENCY = os.environ.get("PPX_DEMO_CURRENCY", "EUR")

PPX_SHOP = "example_project.shop.ppx.StudioShop"  # 3. the adapter to the shop's orders
PPX_SHOP_NAME = "Kiln & Tide"
PPX_SITE_URL = SHOP_URL  # links in mails begin with it
PPX_PAGE_LIMIT = 4
PPX_BASKET_URL = "basket"  # where a link that applies a code leads
# The front end of example_project/plain, on a port of its own, may call what the API has for shoppers.
PPX_API_CORS_ORIGINS = [f"http://127.0.0.1:{os.environ.get('PLAIN_PORT', '8001')}"] if DEBUG else []
