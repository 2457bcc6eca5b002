"""Audiences, with their rules in words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_ppx.offers.admin.parts import OfferPartPermissions
from django_ppx.offers.models import Audience, AudienceRule
from django_ppx.offers.rule_forms import AudienceRuleForm, traits_for_script
from django_ppx.offers.snapshot import rule_sentence

if TYPE_CHECKING:
    _Base = admin.ModelAdmin[Audience]
    _InlineBase = admin.TabularInline[AudienceRule, Audience]
else:
    _Base = admin.ModelAdmin
    _InlineBase = admin.TabularInline


class AudienceRuleInline(OfferPartPermissions, _InlineBase):
    """The rules, one line each. Who may change the audience may change them."""

    model = AudienceRule
    form = AudienceRuleForm
    fields = ("group", "trait", "operator", "value")
    extra = 0

    @property
    def traits_json(self) -> str:
        return json.dumps(traits_for_script())

    template = "admin/django_ppx/audience/rules.html"


@admin.register(Audience)
class AudienceAdmin(_Base):
    """Who sees an offer, defined once and used by many."""

    list_display = ("name", "rules_in_words", "offer_count", "description")
    search_fields = ("name", "description")
    fields = ("name", "description", "rules_in_words")
    readonly_fields = ("rules_in_words",)
    inlines = (AudienceRuleInline,)
    change_list_template = "admin/django_ppx/audience/change_list.html"

    class Media:
        css = {"all": ["django_ppx/admin/admin.css"]}
        js = [forms.Script("django_ppx/admin/rules.js", type="module")]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Audience]:
        return (
            super()
            .get_queryset(request)
            .prefetch_related("rules")
            .annotate(ppx_offers=Count("offers", distinct=True))
        )

    @admin.display(description=_("In words"))
    def rules_in_words(self, audience: Audience) -> SafeString | str:
        return audience_in_words(audience)

    @admin.display(description=_("Offers"), ordering="ppx_offers")
    def offer_count(self, audience: Audience) -> int:
        return int(getattr(audience, "ppx_offers", 0))


def audience_in_words(audience: Audience) -> SafeString | str:
    """Return the rules as sentences: "and" inside a group, "or" between groups."""
    if audience.pk is None:
        return gettext("Everybody, until there is a rule.")
    groups: dict[int, list[str]] = {}
    for rule in audience.rules.all():
        groups.setdefault(rule.group, []).append(rule_sentence(rule))
    if not groups:
        return gettext("Everybody")
    conjunction = format_html(' <b class="ppx-words__and">{}</b> ', gettext("and"))
    alternatives = [
        format_html_join(conjunction, "{}", ((sentence,) for sentence in groups[number]))
        for number in sorted(groups)
    ]
    separator = format_html('<br><b class="ppx-words__or">{}</b> ', gettext("or"))
    return format_html(
        '<span class="ppx-words">{}</span>',
        format_html_join(separator, "{}", ((words,) for words in alternatives)),
    )
