"""What holds of every kind that comes with the package."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.template.loader import get_template

from django_ppx.offers.admin import OfferKindAdmin
from django_ppx.offers.forms import OfferForm
from django_ppx.offers.kinds import OfferKind, load_kinds
from django_ppx.offers.models import OfferVariant, OfferVariantText
from django_ppx.offers.snapshot import current_stamp
from django_ppx.reviews.forms import ICONS
from django_ppx.reviews.models import ReviewPlatform
from django_ppx.reviews.platform_rules import READY_PLATFORMS
from django_ppx.rewards.models import Benefit, BenefitAmount, BenefitScope
from django_ppx.social.models import SharePromptText, SocialChannel
from django_ppx.social.share_links import NETWORKS, Shared, share_links
from django_ppx.testing import make_benefit, make_offer
from tests.reviews.test_kind import make_platform, make_request
from tests.social.test_invite_kind import make_channel, make_invite

ROOT = Path(__file__).resolve().parent.parent
SPRITE = (ROOT / "django_ppx/static/django_ppx/icons.svg").read_text(encoding="utf-8")
SYMBOLS = frozenset(re.findall(r'id="ppx-icon-([\w-]+)"', SPRITE))
ALL_KINDS = pytest.mark.parametrize("kind", load_kinds().values(), ids=lambda kind: kind.name)


@ALL_KINDS
def test_a_kind_says_what_it_is(kind: OfferKind) -> None:
    assert str(kind.label)
    assert str(kind.description).endswith(".")
    assert kind.icon in SYMBOLS
    assert kind.default_design in OfferVariant.Design.values
    assert get_template(kind.template)
    assert kind.check() == []


@ALL_KINDS
def test_a_kind_comes_with_words_in_english_and_german_that_fit_their_columns(
    kind: OfferKind,
) -> None:
    texts = kind.starter_texts()

    assert set(texts) == {"en", "de"}
    for words in texts.values():
        assert words["headline"]
        for name, value in words.items():
            column = OfferVariantText._meta.get_field(name)
            assert len(value) <= column.max_length, name


@ALL_KINDS
def test_a_kind_has_an_admin_of_its_own(kind: OfferKind) -> None:
    found = admin.site._registry[kind.model]

    assert isinstance(found, OfferKindAdmin)
    assert found.kind_name == kind.name
    assert found.kind == kind


@ALL_KINDS
def test_a_kind_names_the_form_and_the_rows_of_its_admin(kind: OfferKind) -> None:
    found = admin.site._registry[kind.model]

    assert found.form is (kind.form or OfferForm)
    assert [(each.model, each.form, each.formset, each.link) for each in kind.rows] == [
        (each.model, each.form, each.formset, each.fk_name) for each in found.kind_inlines
    ]


def icons_in_use() -> Iterator[str]:
    yield from (network for network in SocialChannel.Network.values if network != "other")
    yield "link"  # of the own address
    yield from (icon for icon, _label in ICONS)
    yield from (platform.icon for platform in READY_PLATFORMS)
    shared = Shared(text="Bowl", url="https://shop.example.com/")
    yield from (link.icon for link in share_links(shared, NETWORKS))


def test_every_icon_that_a_link_may_have_is_drawn() -> None:
    assert set(icons_in_use()) - SYMBOLS == set()


def test_the_documentation_names_every_kind() -> None:
    page = (ROOT / "docs/kinds.md").read_text(encoding="utf-8")

    rows = re.findall(r"^\| ([^|]+) \| `(\w+)` \|", page, re.MULTILINE)
    assert rows == [(str(kind.label), kind.name) for kind in load_kinds().values()]
    for label, _name in rows:
        assert f"\n## {label}\n" in page


def edit_benefit() -> Any:
    offer = make_offer("next_purchase_discount", benefit=make_benefit())
    return lambda: Benefit.objects.get(pk=offer.benefit_id).save()


def add_amount() -> Any:
    benefit = make_benefit()
    return lambda: BenefitAmount.objects.create(benefit=benefit, currency="EUR", minimum_total=10)


def add_scope() -> Any:
    benefit = make_benefit()
    return lambda: BenefitScope.objects.create(benefit=benefit, type="product", value="BOWL-1")


def edit_channel() -> Any:
    channel = make_channel()
    return channel.save


def change_channels() -> Any:
    channel, offer = make_channel(), make_invite()
    return lambda: offer.channels.add(channel)


def edit_platform() -> Any:
    make_platform()
    return ReviewPlatform.objects.get().save


def change_platforms() -> Any:
    platform = make_platform()
    offer = make_request(platform)
    return lambda: offer.platforms.remove(platform)


def add_prepared_text() -> Any:
    offer = make_offer("share_prompt")
    return lambda: SharePromptText.objects.create(prompt=offer, language="en", text="Hello")


def edit_message() -> Any:
    return make_offer("message").save


@pytest.mark.django_db
@pytest.mark.parametrize(
    "prepare",
    [
        edit_benefit,
        add_amount,
        add_scope,
        edit_channel,
        change_channels,
        edit_platform,
        change_platforms,
        add_prepared_text,
        edit_message,
    ],
)
def test_what_a_card_is_made_from_makes_pages_look_again(prepare: Any) -> None:
    change = prepare()
    before = current_stamp()

    change()

    assert current_stamp() != before
