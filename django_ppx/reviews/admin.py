"""What staff see of review platforms and review requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from django_ppx.offers.admin import OfferKindAdmin
from django_ppx.reviews.forms import ReviewPlatformForm, ReviewRequestForm
from django_ppx.reviews.installing import install_platforms
from django_ppx.reviews.models import ReviewPlatform, ReviewRequest

if TYPE_CHECKING:
    _PlatformBase = admin.ModelAdmin[ReviewPlatform]
else:
    _PlatformBase = admin.ModelAdmin


@admin.register(ReviewPlatform)
class ReviewPlatformAdmin(_PlatformBase):
    """Places to review, with their rules as data: source and date are for whoever checks them next."""

    class Media:
        css: ClassVar[dict[str, list[str]]] = {"all": ["django_ppx/admin/admin.css"]}

    form = ReviewPlatformForm
    change_list_template = "admin/django_ppx/reviewplatform/change_list.html"
    list_display = (
        "name",
        "asking",
        "country_codes",
        "rules_checked_date",
        "priority",
        "is_active",
    )
    list_filter = ("is_active", "asking")
    search_fields = ("name", "slug", "url_template")
    ordering = ("priority", "name", "pk")
    prepopulated_fields = {"slug": ("name",)}
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "name",
                    "slug",
                    "icon",
                    "url_template",
                    "countries",
                    "priority",
                    "is_active",
                )
            },
        ),
        (
            _("The platform's rules"),
            {
                "fields": (
                    "asking",
                    "allows_reward",
                    "requires_all_customers",
                    "rules_source",
                    "rules_checked_date",
                ),
                "description": _(
                    "Stricter is always possible; looser than what is known of a site is refused."
                ),
            },
        ),
    )

    @admin.display(description=_("Countries"))
    def country_codes(self, platform: ReviewPlatform) -> str:
        return ", ".join(platform.countries) or gettext("Everywhere")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.install_view)
        return [
            path("install/", view, name="django_ppx_reviewplatform_install"),
            *super().get_urls(),
        ]

    @method_decorator(require_POST)
    def install_view(self, request: HttpRequest) -> HttpResponse:
        """Add the ready-made platforms. Needs the permission to add platforms."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        added = install_platforms()
        for platform in added:
            self.log_addition(request, platform, gettext("Added from the ready-made platforms."))
        if added:
            text = ngettext(
                "%(count)d platform was added, switched off: put your own address in and switch it on.",
                "%(count)d platforms were added, switched off: put your own address in and switch them on.",
                len(added),
            )
            self.message_user(request, text % {"count": len(added)}, messages.SUCCESS)
        else:
            self.message_user(request, gettext("You have all of them already."), messages.INFO)
        return HttpResponseRedirect(
            reverse("admin:django_ppx_reviewplatform_changelist", current_app=self.admin_site.name)
        )


@admin.register(ReviewRequest)
class ReviewRequestAdmin(OfferKindAdmin):
    """A request that asks everybody alike. There is no field for a reward, on purpose."""

    kind_name = "review_request"
    kind_fields = ("platforms", "max_platforms")
    form = ReviewRequestForm

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "platforms":
            kwargs["widget"] = CheckboxSelectMultiple()
        return super().formfield_for_manytomany(db_field, request, **kwargs)
