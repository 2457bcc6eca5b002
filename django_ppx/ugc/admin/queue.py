"""“Moderate”: what waits, one at a time with large pictures, or many in a grid. By keys, or by buttons."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import django
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Case, CharField, IntegerField, OuterRef, Subquery, Value, When, Window
from django.db.models.aggregates import Count
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language, gettext

from django_ppx.core.admin import may_see_addresses, says_when_busy
from django_ppx.ugc.admin.cards import Reader, cards_of, order_of
from django_ppx.ugc.admin.filtering import QueueFilter, beside, filtered, with_record
from django_ppx.ugc.models import UGCReason, UGCRewardOfferText, UGCSubmission

if TYPE_CHECKING:
    from django.db.models import QuerySet

    _Base = admin.ModelAdmin[UGCSubmission]
else:
    _Base = object

CARDS_PER_PAGE: Final = 48
ONE_URL: Final = "django_ppx_ugcsubmission_moderate"
GRID_URL: Final = "django_ppx_ugcsubmission_grid"
_JOINS: Final = ("ugc_offer", "purchase", "customer", "licence_grant")


class Queue(_Base):
    """Adds `moderate/` and `moderate/grid/` to the list of submissions."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("moderate/", view(self.one_view), name=ONE_URL),
            path("moderate/grid/", view(self.grid_view), name=GRID_URL),
            *super().get_urls(),
        ]

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("django_ppx.moderate_ugcsubmission")

    @says_when_busy
    def one_view(self, request: HttpRequest) -> HttpResponse:
        """Show the one that waits longest, or the next one after (or before) the one that the address names."""
        self._check(request)
        chosen = QueueFilter(request.GET).chosen()
        reader = self._reader(request)
        submission, is_end = self._pick(request, chosen)
        context = self._context(request, chosen)
        context |= {
            "title": gettext("Moderate"),
            "is_end": is_end,
            "undo_id": _number(request, "undo"),
            "is_single": True,
        }
        if context["undo_id"]:
            context["undo_url"] = self._decide_url(context["undo_id"]) + query_of(chosen)
        if submission is not None:
            [context["card"]] = cards_of([submission], reader)
            context |= {
                "order": order_of(submission, reader),
                "theme": getattr(submission, "ppx_theme", "") or "",
                "brief": getattr(submission, "ppx_brief", "") or "",
                "left": getattr(submission, "ppx_left", 0),
                "next_url": context["one_url"] + query_of(chosen, after=submission.pk),
                "previous_url": context["one_url"] + query_of(chosen, before=submission.pk),
                "decide_url": self._decide_url(submission.pk) + query_of(chosen),
                "filtered_to": self._filters_in_words(chosen, submission),
            }
        return self._page(request, "one", context)

    @says_when_busy
    def grid_view(self, request: HttpRequest) -> HttpResponse:
        """Show what waits as a grid with boxes to tick."""
        self._check(request)
        form = QueueFilter(request.GET)
        chosen = form.chosen()
        # Each waiting row in a few columns: its place, and what can be filtered by.
        columns = ("pk", "ugc_offer_id", "ugc_offer__name", "product_sku", "product_title")
        rows = list(filtered(UGCSubmission.objects.waiting(), chosen).values_list(*columns))
        page = Paginator([row[0] for row in rows], CARDS_PER_PAGE).get_page(request.GET.get("p"))
        shown = with_record(UGCSubmission.objects.filter(pk__in=list(page)))
        by_id = {each.pk: each for each in shown.select_related(*_JOINS)}
        submissions = [by_id[pk] for pk in page if pk in by_id]
        context = self._context(request, chosen)
        context |= {
            "title": gettext("Moderate many at once"),
            "form": form,
            "cards": cards_of(submissions, self._reader(request)),
            "total": len(rows),
            "page": page,
            "pages": list(page.paginator.get_elided_page_range(page.number)),
            "page_query": query_of(chosen, p="")[1:],
            "offers": _choices((row[1], row[2]) for row in rows),
            "products": _choices((row[3], row[4] or row[3]) for row in rows if row[3]),
            "bulk_url": self._url("django_ppx_ugcsubmission_bulk") + query_of(chosen),
        }
        return self._page(request, "grid", context)

    def _check(self, request: HttpRequest) -> None:
        if not self.has_moderate_permission(request):
            raise PermissionDenied

    def _reader(self, request: HttpRequest) -> Reader:
        return Reader(
            site_name=self.admin_site.name,
            may_see=may_see_addresses(request),
            now=timezone.now(),
        )

    def _pick(
        self, request: HttpRequest, chosen: dict[str, Any]
    ) -> tuple[UGCSubmission | None, bool]:
        """Return the submission to show, and whether the end of the queue was reached with others skipped."""
        waiting = filtered(UGCSubmission.objects.waiting(), chosen)
        is_newest_first = chosen.get("order") == "newest"
        places = {name: _number(request, name) for name in ("after", "from", "before")}
        name = next((name for name, pk in places.items() if pk), "")
        place, before = places.get(name, 0), name == "before"
        found = waiting
        if place:
            found = beside(
                waiting,
                place,
                is_after=not before,
                is_newest_first=is_newest_first,
                is_inclusive=name == "from",
            )
        submission = _with_everything(found).first()
        if submission is not None or not place:
            return submission, False
        if before:  # before the first there is none: the first stays
            return _with_everything(waiting).first(), False
        return None, waiting.exists()

    def _context(self, request: HttpRequest, chosen: dict[str, Any]) -> dict[str, Any]:
        one_url, grid_url = self._url(ONE_URL), self._url(GRID_URL)
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "crumbs_as_list": django.VERSION >= (6, 1),
            "reasons": list(UGCReason.objects.filter(is_active=True)),
            "chosen": chosen,
            "query": query_of(chosen),
            "one_url": one_url,
            "grid_url": grid_url,
            "media": self.media,
        }

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        request.current_app = self.admin_site.name
        template = f"admin/django_ppx/ugcsubmission/moderate_{name}.html"
        response = TemplateResponse(request, template, context)
        patch_cache_control(response, private=True, no_store=True)
        return response

    def _filters_in_words(self, chosen: dict[str, Any], submission: UGCSubmission) -> list[str]:
        """Return the filters as a person would say them. What is shown fits them, so it names offer and product."""
        fields = QueueFilter(chosen).fields
        words = []
        for name, value in chosen.items():
            if name == "offer":
                words.append(submission.ugc_offer.name)
            elif name == "product":
                words.append(submission.product_title or str(value))
            elif name == "duplicates":
                words.append(str(fields[name].label))
            else:
                words.append(str(dict(fields[name].choices)[value]))  # type: ignore[attr-defined]
        return words

    def _url(self, name: str, *args: object) -> str:
        return reverse(f"admin:{name}", args=args, current_app=self.admin_site.name)

    def _decide_url(self, pk: int) -> str:
        return self._url("django_ppx_ugcsubmission_decide", pk)


def _with_everything(submissions: QuerySet[Any]) -> QuerySet[Any]:
    """Add what the page of one shows, so that it comes with the row: record, brief, and how many are left."""
    found: QuerySet[Any] = with_record(submissions.select_related(*_JOINS)).annotate(
        ppx_left=Window(Count("pk")),
        ppx_theme=_text("theme"),
        ppx_brief=_text("brief"),
    )
    return found


def _text(field: str) -> Subquery:
    language = (get_language() or "en").lower()
    rank = Case(
        When(language=language, then=Value(0)),
        When(language=language.split("-", maxsplit=1)[0], then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    texts = UGCRewardOfferText.objects.filter(ugc_offer=OuterRef("ugc_offer")).order_by(rank, "pk")
    return Subquery(texts.values(field)[:1], output_field=CharField())


def _number(request: HttpRequest, name: str) -> int:
    """Return a primary key out of the address, 0 where there is none."""
    value = request.GET.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else 0


def query_of(chosen: dict[str, Any], **more: object) -> str:
    """Return the filters as the end of an address."""
    pairs = {name: "on" if value is True else value for name, value in chosen.items()}
    encoded = urlencode({**pairs, **more})
    return f"?{encoded}" if encoded else ""


def _choices(pairs: Any) -> list[tuple[str, str, int]]:
    """Return value, name and count of each pair, by name."""
    counted = Counter((str(value), str(name)) for value, name in pairs)
    found = [(value, name, count) for (value, name), count in counted.items()]
    return sorted(found, key=lambda choice: choice[1].casefold())
