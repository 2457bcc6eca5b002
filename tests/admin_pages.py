"""Filling in admin pages as a browser does: what the page came with, plus what is typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext


def form_data(response: HttpResponse, /, **typed: Any) -> dict[str, Any]:
    """Return the data that the page of `response` would send, with the fields named in `typed` filled in.

    A value of None leaves a field out, as an unticked box does.
    """
    context = response.context  # type: ignore[attr-defined]
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    data: dict[str, Any] = {}
    for form in forms:
        for bound in form:
            data[bound.html_name] = _sent(bound)
    data.update({name.replace("__", "-"): value for name, value in typed.items()})
    return {name: value for name, value in data.items() if value is not None}


def error_texts(response: HttpResponse) -> dict[str, list[str]]:
    """Return the sentences beside the fields of the main form, by field; of inlines under `<prefix>-<n>-<field>`."""
    context = response.context  # type: ignore[attr-defined]
    found = {name: list(errors) for name, errors in context["adminform"].form.errors.items()}
    for inline in context["inline_admin_formsets"]:
        if inline.formset.non_form_errors():
            found[inline.formset.prefix] = list(inline.formset.non_form_errors())
        for form in inline.formset.forms:
            found.update(
                {form.add_prefix(name): list(errors) for name, errors in form.errors.items()}
            )
    return found


def count_queries(act: Callable[[], object]) -> int:
    """Return how many queries `act` runs the second time: what a process learns once is not counted."""
    act()
    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured)


def _sent(bound: Any) -> Any:
    widget = getattr(bound.field.widget, "widget", bound.field.widget)  # what admin wraps
    if widget.needs_multipart_form or hasattr(widget, "decompress"):
        return None  # no new file; a split date is empty unless the test types one
    value = bound.value()
    if isinstance(value, bool):
        return "on" if value else None
    if isinstance(value, list):
        return [getattr(item, "pk", item) for item in value] or None
    if value is None:
        return None if getattr(widget, "allow_multiple_selected", False) else ""
    return value
