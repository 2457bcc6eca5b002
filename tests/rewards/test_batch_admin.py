"""The admin pages of batches: ordering, going on, importing, exporting, and who may do which."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms import modelform_factory
from django.urls import reverse
from django.utils import timezone

from django_ppx.rewards.admin import batches, imports
from django_ppx.rewards.batching import BatchRequest, stop_batch
from django_ppx.rewards.generating import continue_batch, start_batch
from django_ppx.rewards.importing import import_codes
from django_ppx.rewards.models import Benefit, CodeBatch, DiscountCode
from django_ppx.rewards.redeeming import redeem_code
from django_ppx.testing import make_benefit, make_code, make_order
from tests.admin_pages import count_queries

pytestmark = pytest.mark.django_db

LIST = "admin:django_ppx_codebatch_changelist"


def page(name: str, *args: int) -> str:
    return reverse(f"admin:django_ppx_codebatch_{name}", args=args)


def staff_with(django_user_model, *permissions: str):
    user = django_user_model.objects.create_user("staff", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def make_batch(count: int = 30, made: int = 0, **overrides) -> CodeBatch:
    now = timezone.now()
    benefit = overrides.pop("benefit", None) or make_benefit()
    request = BatchRequest(benefit_id=benefit.pk, **{"name": "Leaflet", **overrides})
    batch = start_batch(request=request, count=count, now=now)
    return continue_batch(batch_id=batch.pk, now=now, most=made)


def upload(client, content: str | bytes, benefit: Benefit | None = None, **typed):
    raw = content.encode() if isinstance(content, str) else content
    benefit = benefit or make_benefit(code_source="pool")
    data = {"benefit": benefit.pk, "name": "Agency", "file": SimpleUploadedFile("c.csv", raw)}
    return client.post(page("import"), {**data, **typed}, follow=True)


def test_staff_order_a_batch_and_its_page_makes_it(admin_client, monkeypatch) -> None:
    monkeypatch.setattr(batches, "STEP", 20)
    benefit = make_benefit()
    data = {"benefit": benefit.pk, "name": "Leaflet", "count": "45", "last_day": "2099-12-31"}

    response = admin_client.post(page("make"), data, follow=True)

    batch = CodeBatch.objects.get()
    assert response.redirect_chain == [(page("change", batch.pk), 302)]
    assert "0 of 45" in response.text
    for text in ("20 of 45", "40 of 45", "45 of 45"):
        response = admin_client.post(page("step", batch.pk), follow=True)
        assert text in response.text
    assert "Continue" not in response.text
    assert batch.codes.count() == 45
    assert LogEntry.objects.get().change_message == "Ordered: 45 codes."


def test_a_script_is_told_how_far_the_batch_is(admin_client, monkeypatch) -> None:
    monkeypatch.setattr(batches, "STEP", 20)
    batch = make_batch(30)

    def step() -> dict[str, object]:
        return admin_client.post(
            page("step", batch.pk), headers={"accept": "application/json"}
        ).json()

    assert step() == {"made": 20, "text": "20 of 30", "is_running": True}
    assert step() == {"made": 30, "text": "30 of 30", "is_running": False}


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"count": "0"}, "greater than or equal to 1"),
        ({"count": "1000001"}, "less than or equal to 1000000"),
        ({"last_day": "2020-01-01"}, "The last day of these codes has passed."),
        ({"name": "Leaflet"}, "There is a batch of this name for this benefit already."),
    ],
)
def test_an_order_that_can_not_be_says_why(admin_client, typed, error) -> None:
    benefit = make_batch(5).benefit
    data = {"benefit": benefit.pk, "name": "Second", "count": "5", **typed}

    response = admin_client.post(page("make"), data)

    assert error in response.text
    assert CodeBatch.objects.count() == 1


def test_an_order_of_codes_that_could_be_guessed_says_how_many_characters_do(admin_client) -> None:
    benefit = make_benefit(code_pattern="########")

    response = admin_client.post(
        page("make"), {"benefit": benefit.pk, "name": "Leaflet", "count": "1000000"}
    )

    assert (
        "1000000 codes with 8 random characters could be guessed: 11 are needed." in response.text
    )


def test_only_benefits_whose_codes_are_drawn_can_be_chosen(admin_client) -> None:
    drawn, pool = make_benefit(), make_benefit(code_source="pool")
    make_benefit(type="gift", gift="A mug")

    made, imported = (
        set(admin_client.get(page(name)).context["form"].fields["benefit"].queryset)
        for name in ("make", "import")
    )

    assert (made, imported) == ({drawn}, {pool})


def test_a_batch_is_stopped_and_goes_on(admin_client) -> None:
    batch = make_batch(30)

    stopped = admin_client.post(page("stop", batch.pk), follow=True).text
    assert ">stopped</span>" in stopped
    assert "Resume" in stopped
    assert "data-ppx-batch-step" not in stopped

    resumed = admin_client.post(page("resume", batch.pk), follow=True).text
    assert ">being made</span>" in resumed
    assert "data-ppx-batch-step" in resumed
    assert list(LogEntry.objects.order_by("pk").values_list("change_message", flat=True)) == [
        "Stopped.",
        "Resumed.",
    ]


def test_a_batch_that_can_not_go_on_says_why(admin_client) -> None:
    batch = make_batch(30)
    stop_batch(batch_id=batch.pk, now=timezone.now())
    CodeBatch.objects.update(expires_at=timezone.now())

    response = admin_client.post(page("resume", batch.pk), follow=True)

    assert "The last day of these codes has passed." in response.text


def test_a_file_is_imported_and_reported_line_by_line(admin_client) -> None:
    make_code(code="THEIRS22")

    response = upload(admin_client, "Nr;Code\n1;AAAA\n2;aaaa\n3;theirs22\n4;Ä<b>\n")

    batch = CodeBatch.objects.get()
    assert response.redirect_chain == [(page("change", batch.pk), 302)]
    assert "1 code imported. 2 duplicates. 1 line was no code." in response.text
    for row in (
        '<td>3</td><td class="ppx-report__text">aaaa</td><td>twice in this file</td>',
        '<td>4</td><td class="ppx-report__text">theirs22</td><td>there already, of another benefit</td>',
        '<td class="ppx-report__text">Ä&lt;b&gt;</td><td>not only letters A to Z and digits</td>',
    ):
        assert row in response.text
    assert DiscountCode.objects.get(batch=batch).status == "pooled"


@pytest.mark.parametrize(
    ("content", "typed", "error"),
    [
        (b"", {}, "The file is empty."),
        ("AAAA".encode("utf-16"), {}, "Save it as “CSV UTF-8”."),
        ("no;price\n1;2", {"column": "code"}, "The headings are: no, price."),
    ],
)
def test_a_file_that_can_not_be_read_says_why(admin_client, content, typed, error) -> None:
    response = upload(admin_client, content, **typed)

    assert error in response.text
    assert DiscountCode.objects.count() == 0


def test_a_file_that_is_too_large_is_not_read(admin_client, monkeypatch) -> None:
    monkeypatch.setattr(imports, "LARGEST_UPLOAD_MB", 0)

    assert "The file is larger than 0 MB." in upload(admin_client, "AAAA").text
    assert CodeBatch.objects.count() == 0


def test_the_export_has_every_code_of_the_batch_and_guards_cells(admin_client) -> None:
    batch = make_batch(5, made=5, benefit=make_benefit(name="=SUM(A1)"), name="-1")
    make_code()

    response = admin_client.get(page("export", batch.pk))

    rows = list(csv.DictReader(io.StringIO(response.getvalue().decode())))
    assert response.streaming
    assert "private, no-store" in response["Cache-Control"]
    assert response["Content-Disposition"] == 'attachment; filename="1.csv"'
    assert {row["code"].replace("-", "") for row in rows} == {
        code.code for code in batch.codes.all()
    }
    assert {(row["benefit"], row["reason"]) for row in rows} == {("'=SUM(A1)", "'-1")}


def test_the_export_holds_one_page_at_a_time(admin_client, monkeypatch) -> None:
    monkeypatch.setattr("django_ppx.rewards.exporting._PAGE", 2)
    batch = make_batch(5, made=5)

    rows = admin_client.get(page("export", batch.pk)).getvalue().decode().splitlines()

    assert len(rows) == len(set(rows)) == 6


def test_the_export_leaves_in_pieces_of_many_lines(admin_client, monkeypatch) -> None:
    monkeypatch.setattr(batches, "_LINES_PER_PIECE", 4)
    batch = make_batch(5, made=5)

    pieces = list(admin_client.get(page("export", batch.pk)).streaming_content)

    assert [piece.count(b"\r\n") for piece in pieces] == [4, 2]


def test_the_export_names_the_orders_of_used_codes_with_as_many_queries_for_any_number(
    admin_client,
) -> None:
    batch = make_batch(5, made=5)
    first, second, *_ = batch.codes.order_by("pk")

    def export() -> None:
        admin_client.get(page("export", batch.pk)).getvalue()

    redeem_code(code=first.code, order=make_order(number="1001"), now=timezone.now())
    one = count_queries(export)
    redeem_code(code=second.code, order=make_order(number="1002"), now=timezone.now())

    assert count_queries(export) == one
    rows = csv.DictReader(
        io.StringIO(admin_client.get(page("export", batch.pk)).getvalue().decode())
    )
    assert [row["used_by_orders"] for row in rows] == ["1001", "1002", "", "", ""]


@pytest.mark.parametrize(
    ("permission", "name", "method"),
    [
        ("generate_codebatch", "make", "get"),
        ("import_codebatch", "import", "get"),
        ("generate_codebatch", "step", "post"),
        ("generate_codebatch", "stop", "post"),
        ("generate_codebatch", "resume", "post"),
    ],
)
def test_each_page_needs_its_permission(
    client, django_user_model, permission, name, method
) -> None:
    batch = make_batch(3)
    args = [] if name in {"make", "import"} else [batch.pk]
    others = {"generate_codebatch", "import_codebatch", "view_codebatch", "export_discountcode"}
    user = staff_with(django_user_model, *(others - {permission}))
    client.force_login(user)

    assert getattr(client, method)(page(name, *args)).status_code == 403
    batch.refresh_from_db()
    assert (batch.made, batch.status) == (0, "running")

    user.user_permissions.add(Permission.objects.get(codename=permission))
    assert getattr(client, method)(page(name, *args)).status_code in {200, 302}


def test_the_export_needs_to_see_batches_and_to_export_codes(client, django_user_model) -> None:
    url = page("export", make_batch(1, made=1).pk)
    user = staff_with(django_user_model, "export_discountcode")
    client.force_login(user)

    assert client.get(url).status_code == 403
    user.user_permissions.set(Permission.objects.filter(codename="view_codebatch"))
    assert client.get(url).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="export_discountcode"))
    assert client.get(url).status_code == 200


def test_who_only_looks_is_offered_nothing(client, django_user_model) -> None:
    client.force_login(staff_with(django_user_model, "view_codebatch"))
    text = (
        client.get(page("change", make_batch(3, made=1).pk)).text + client.get(reverse(LIST)).text
    )

    for offered in ("data-ppx-batch-step", "/stop/", "/export/", "/make/", "/import/"):
        assert offered not in text


def test_an_import_is_stopped_by_who_imports(client, django_user_model) -> None:
    batch = make_batch(3)
    CodeBatch.objects.update(kind="imported")
    client.force_login(staff_with(django_user_model, "import_codebatch"))

    assert client.post(page("stop", batch.pk)).status_code == 302
    batch.refresh_from_db()
    assert batch.status == "stopped"


@pytest.mark.parametrize("name", ["step", "stop", "resume"])
def test_looking_changes_nothing(admin_client, name) -> None:
    batch = make_batch(3)

    assert admin_client.get(page(name, batch.pk)).status_code == 405
    batch.refresh_from_db()
    assert (batch.made, batch.status) == (0, "running")


def test_a_batch_that_is_not_there_is_not_found(admin_client) -> None:
    assert admin_client.post(page("step", 404)).status_code == 404
    assert admin_client.get(page("export", 404)).status_code == 404


def test_nobody_adds_changes_or_deletes_batches_by_hand(admin_client) -> None:
    batch = make_batch(3)

    assert admin_client.get(page("add")).status_code == 403
    assert admin_client.get(page("delete", batch.pk)).status_code == 403
    assert admin_client.post(page("change", batch.pk), {"made": "2"}).status_code == 403


def test_the_list_takes_as_many_queries_for_twenty_batches_as_for_one(admin_client) -> None:
    def look() -> int:
        return count_queries(lambda: admin_client.get(reverse(LIST)))

    make_batch(3, made=1)
    one = look()
    for _batch in range(19):
        make_batch(3, made=1)

    assert look() == one


def test_the_list_of_batches_says_which_pools_run_low(admin_client) -> None:
    make_code(
        make_benefit(name="Cinema", code_source="pool", low_stock_at=2),
        status="pooled",
        expires_at=None,
    )
    make_code(make_benefit(name="Theatre", code_source="pool"), status="pooled", expires_at=None)
    make_benefit(name="Museum", code_source="pool")

    response = admin_client.get(reverse(LIST))

    assert response.context["low_stocks"] == [("Cinema", "1 code left"), ("Museum", "none left")]
    assert "<b>Cinema</b>: 1 code left." in response.text


def test_the_list_of_benefits_shows_what_is_left_of_each_pool(admin_client) -> None:
    pool = make_benefit(name="Cinema", code_source="pool", low_stock_at=2)
    now = timezone.now()
    import_codes(
        request=BatchRequest(benefit_id=pool.pk, name="In"), lines=[(1, "AA"), (2, "BB")], now=now
    )

    url = reverse("admin:django_ppx_benefit_changelist")
    assert 'ppx-badge--running">2 codes left</span>' in admin_client.get(url).text
    DiscountCode.objects.filter(code="AA").update(status="issued")
    assert 'ppx-badge--paused">1 code left</span>' in admin_client.get(url).text


@pytest.mark.parametrize(
    ("typed", "field", "error"),
    [
        ({"code_pattern": "ABC-#######"}, "code_pattern", "At least 8 random characters"),
        ({"code_pattern": "########!"}, "code_pattern", "# for each random character"),
        ({"code_prefix": "A-B"}, "code_prefix", "Letters and digits only."),
    ],
)
def test_a_pattern_that_is_too_short_to_be_a_secret_is_not_saved(typed, field, error) -> None:
    form = benefit_form(**typed)

    assert error in " ".join(form.errors[field])


def test_a_pattern_with_eight_random_characters_is_saved() -> None:
    assert benefit_form(code_pattern="abc-####-####").is_valid()


def test_a_pattern_of_which_too_many_codes_are_live_is_not_saved(monkeypatch) -> None:
    monkeypatch.setattr("django_ppx.rewards.space.RAREST", 10**12)

    assert benefit_form(code_pattern="#########").is_valid()
    assert benefit_form(code_pattern="########").errors["code_pattern"] == [
        "1 code with 8 random characters could be guessed: 9 are needed."
    ]


def benefit_form(**typed):
    form_class = batches.admin.site.get_model_admin(Benefit).form
    fields = ("name", "type", "percent", "max_uses", "code_prefix", "code_pattern")
    data = {"name": "Ten", "type": "percent", "percent": "10", "max_uses": "1", **typed}
    return modelform_factory(Benefit, form=form_class, fields=fields)(data)


def test_the_page_of_a_batch_names_the_last_day_and_no_midnight(admin_client, settings) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    batch = make_batch(1, made=1)
    CodeBatch.objects.filter(pk=batch.pk).update(expires_at=datetime(2027, 3, 31, 22, tzinfo=UTC))

    text = admin_client.get(page("change", batch.pk)).text

    assert "03/31/2027" in text
    assert "midnight" not in text
