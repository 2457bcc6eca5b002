"""“Import codes”: the page that takes a file with codes from elsewhere."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from django_ppx.core.retrying import TransactionConflict
from django_ppx.rewards.admin.making import BatchForm, MakeCodes
from django_ppx.rewards.admin.numbers import grouped_number
from django_ppx.rewards.batching import BatchRefused
from django_ppx.rewards.importing import ImportStopped, import_codes
from django_ppx.rewards.models import Benefit, CodeBatch
from django_ppx.rewards.pool_files import Layout, UnreadableFile, read_codes

LARGEST_UPLOAD_MB: Final = 5
"""About 300,000 codes. `ppx_import_codes` takes larger files."""

PROBLEMS: Final = {
    "empty": _("The file is empty."),
    "utf_16": _("The file is not UTF-8. Save it as “CSV UTF-8”."),
    "no_text": _("This is no text file. Save the list as “CSV UTF-8” and choose that file."),
    "no_column": _("There is no such column. The headings are: %(detail)s."),
}


class ImportForm(BatchForm):
    """A file with codes, and where they stand in it."""

    code_source = Benefit.CodeSource.POOL

    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,
        help_text=_(
            "Text or CSV in UTF-8: a code per line, or columns parted by semicolons, commas or tabs. 5 MB at most."
        ),
    )
    column = forms.CharField(
        label=_("Column"),
        required=False,
        max_length=100,
        help_text=_("Its heading or its number. Empty: the one called “code”, or else the first."),
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
    )
    has_heading = forms.BooleanField(label=_("The first line is a heading"), required=False)
    field_order = ("benefit", "name", "file", "column", "has_heading", "last_day")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].help_text = _("For you: where these codes come from.")
        self.fields["last_day"].help_text = _(
            "Empty: they end as the benefit says, counted from the day on which somebody gets one."
        )

    def clean_file(self) -> Any:
        file: Any = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST_UPLOAD_MB * 1024 * 1024:
            raise ValidationError(
                gettext(
                    "The file is larger than %(megabytes)d MB. Split it, or let a developer run ppx_import_codes."
                )
                % {"megabytes": LARGEST_UPLOAD_MB}
            )
        return file

    def layout(self) -> Layout:
        return Layout(
            column=self.cleaned_data["column"], has_heading=self.cleaned_data["has_heading"]
        )


class ImportCodes(MakeCodes):
    """Adds the page `import/` to the list of batches."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.import_view)
        return [path("import/", view, name="django_ppx_codebatch_import"), *super().get_urls()]

    def has_import_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("django_ppx.import_codebatch")

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for a file, take its codes and lead to the batch, which reports what was not taken."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        form = ImportForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            batch = self._import(request, form)
            if batch is not None:
                return self.to_batch(batch)
        lead = _(
            "Codes of a partner or of another system. They wait in the pool of a benefit "
            "until an offer gives them to somebody."
        )
        return self.form_page(
            request, form, title=gettext("Import codes"), lead=lead, submit=gettext("Import codes")
        )

    def _import(self, request: HttpRequest, form: ImportForm) -> CodeBatch | None:
        """Return the batch; where there is none, the form says why."""
        try:
            batch = import_codes(
                request=form.request(request),
                lines=read_codes(form.cleaned_data["file"], layout=form.layout()),
                now=timezone.now(),
            )
        except UnreadableFile as error:
            form.add_error("file", str(PROBLEMS[error.problem]) % {"detail": error.detail})
        except (BatchRefused, ImportStopped) as error:
            form.add_error(None, str(error))
        except TransactionConflict:
            form.add_error(None, gettext("The database is busy. Please try again."))
        else:
            self.log_addition(request, batch, gettext("Imported."))
            self.say(request, outcome_in_words(batch), _level(batch))
            return batch
        return None


def outcome_in_words(batch: CodeBatch) -> str:
    """Return "1,000 codes imported. 3 duplicates. 1 line was no code."; what there was none of is left out."""
    counts = [
        (ngettext("%(count)s code imported.", "%(count)s codes imported.", batch.made), batch.made)
    ]
    if batch.duplicates:
        text = ngettext("%(count)s duplicate.", "%(count)s duplicates.", batch.duplicates)
        counts.append((text, batch.duplicates))
    if batch.rejected:
        text = ngettext(
            "%(count)s line was no code.", "%(count)s lines were no codes.", batch.rejected
        )
        counts.append((text, batch.rejected))
    return " ".join(text % {"count": grouped_number(count)} for text, count in counts)


def _level(batch: CodeBatch) -> int:
    return messages.WARNING if batch.duplicates or batch.rejected else messages.SUCCESS
