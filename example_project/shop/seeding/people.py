"""Who logs in, and who buys. Nobody here is anybody: names are roles, addresses end in example.com."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, Permission, User

STAFF = "staff"
EDITOR = "editor"
NOT_FOR_EDITORS = "^(delete|revoke|reverse|grant|fulfil|generate|import|export|decide)_"
CUSTOMER_PASSWORD = "customer"


@dataclass(frozen=True, kw_only=True)
class Shopper:
    """A customer of the demo, and where the parcels go."""

    name: str
    orders: int
    city: str
    postcode: str
    country: str = "DE"
    language: str = "de"
    phone: str = ""
    has_account: bool = False

    @property
    def email(self) -> str:
        return f"{self.name.lower()}@example.com"


SHOPPERS = (
    Shopper(name="Barista", orders=9, city="Hamburg", postcode="20095", has_account=True),
    Shopper(name="Florist", orders=7, city="Kiel", postcode="24103", has_account=True),
    Shopper(name="Collector", orders=11, city="Zürich", postcode="8001", country="CH", has_account=True),
    Shopper(name="Baker", orders=5, city="Wien", postcode="1010", country="AT", has_account=True),
    Shopper(name="Gardener", orders=4, city="Utrecht", postcode="3511", country="NL", language="en"),
    Shopper(name="Host", orders=6, city="London", postcode="N1 9GU", country="GB", language="en", has_account=True),
    Shopper(name="Neighbour", orders=3, city="Husum", postcode="25813", phone="+49 4841 123456"),
    Shopper(name="Regular", orders=8, city="Bremen", postcode="28195", has_account=True),
    Shopper(name="Traveller", orders=3, city="Paris", postcode="75003", country="FR", language="en"),
    Shopper(name="Designer", orders=5, city="Berlin", postcode="10115", has_account=True),
    Shopper(name="Reader", orders=2, city="Leipzig", postcode="04109"),
    Shopper(name="Newcomer", orders=1, city="Köln", postcode="50667", has_account=True),
)  # fmt: skip

PLACES = (
    ("München", "80331", "DE", "de"), ("Dresden", "01067", "DE", "de"), ("Graz", "8010", "AT", "de"),
    ("Bern", "3011", "CH", "de"), ("Rostock", "18055", "DE", "de"), ("København", "1050", "DK", "en"),
    ("Brighton", "BN1 1AA", "GB", "en"), ("Gent", "9000", "BE", "en"), ("Lyon", "69001", "FR", "en"),
    ("Malmö", "211 22", "SE", "en"), ("Lübeck", "23552", "DE", "de"), ("Portland", "97205", "US", "en"),
)  # fmt: skip


def guests(count: int) -> list[Shopper]:
    """Return guests who bought once; every fourth came back."""
    found = []
    for i in range(count):
        city, postcode, country, language = PLACES[i % len(PLACES)]
        found.append(
            Shopper(
                name=f"Guest-{i + 1:02}",
                orders=1 if i % 4 else 2,
                city=city,
                postcode=postcode,
                country=country,
                language=language,
            )
        )
    return found


def create_staff() -> None:
    """Create the superuser, and an editor who may change offers, but give, make and take back nothing."""
    User.objects.get_or_create(
        username=STAFF,
        defaults={
            "email": "staff@example.com",
            "password": make_password(STAFF),
            "is_staff": True,
            "is_superuser": True,
        },
    )
    editor, is_new = User.objects.get_or_create(
        username=EDITOR,
        defaults={
            "email": "editor@example.com",
            "password": make_password(EDITOR),
            "is_staff": True,
        },
    )
    if is_new:
        group, _ = Group.objects.get_or_create(name="Offer editors")
        ours = Permission.objects.filter(content_type__app_label="django_ppx")
        allowed = ours.exclude(codename__regex=NOT_FOR_EDITORS).exclude(
            codename__in=["change_discountcode", "view_reward_liability"]
        )
        group.permissions.set(allowed)
        editor.groups.add(group)


def create_accounts() -> dict[str, User]:
    """Create the accounts of the shoppers who have one, and return them by address."""
    password = make_password(CUSTOMER_PASSWORD)  # once: a good hash is slow on purpose
    accounts = {}
    for shopper in SHOPPERS:
        if shopper.has_account:
            accounts[shopper.email], _ = User.objects.get_or_create(
                username=shopper.email,
                defaults={
                    "email": shopper.email,
                    "first_name": shopper.name,
                    "last_name": "Customer",
                    "password": password,
                },
            )
    return accounts
