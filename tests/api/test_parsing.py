"""What is read of a body, and what is refused before anything of ours sees it."""

from __future__ import annotations

import gzip
import json
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_ppx.api.parsing import read_json
from django_ppx.api.problems import Problem
from tests.api.asking import ask, of_order, reason

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.probe")]

SHOPPER = "/probe/shopper/"


def post(body: Any, **extra: Any) -> Any:
    return ask(
        "POST", SHOPPER, body, headers={**of_order("1001"), **extra.pop("headers", {})}, **extra
    )


texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**39), 10**39) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_what_is_json_is_read_as_it_is(value: Any) -> None:
    assert read_json(json.dumps(value).encode()) == value


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with suppress(Problem):
        read_json(body)


def test_a_number_has_at_most_40_digits_besides_its_sign() -> None:
    assert read_json(b"-" + b"9" * 40) == -(10**40 - 1)
    with pytest.raises(Problem):
        read_json(b"9" * 41)


def test_numbers_with_a_point_are_exact() -> None:
    assert read_json(b'{"a": 0.1, "b": 1e2}') == {"a": Decimal("0.1"), "b": Decimal("1E+2")}


def test_an_empty_body_is_an_empty_object() -> None:
    assert read_json(b" \n") == {}


TRAPS = {
    "a NUL": rb'{"text": "a\u0000b"}',
    "a NUL in a name": rb'{"a\u0000b": 1}',
    "half of a surrogate pair": rb'{"text": "\ud800"}',
    "half of a pair, in a list": rb'{"lines": [{"total": "\udfff"}]}',
    "no number": b'{"number": NaN}',
    "infinity": b'{"number": Infinity}',
    "minus infinity": b'{"number": -Infinity}',
    "10^400": b'{"number": 1e400}',
    "10^-400": b'{"number": 1e-400}',
    "an exponent of many digits": b'{"number": 1e99999999999999999999}',
    "5,000 digits": b'{"number": ' + b"9" * 5_000 + b"}",
    "5,000 decimals": b'{"number": 0.' + b"1" * 5_000 + b"}",
    "10,000 lists deep": b"[" * 10_000 + b"]" * 10_000,
    "10,000 objects deep": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "17 deep": b"[" * 17 + b"]" * 17,
    "never closed": b'{"text": [' * 5,
    "a name twice": b'{"text": "a", "text": "b"}',
    "a name twice, further in": b'{"lines": [{"total": "1", "total": "2"}]}',
    "a byte order mark": b'\xef\xbb\xbf{"text": "a"}',
    "utf-16": '{"text": "a"}'.encode("utf-16"),
    "latin-1": '{"text": "ä"}'.encode("latin-1"),
    "compressed": gzip.compress(b'{"text": "a"}'),
    "two values": b'{"text": "a"} {"text": "b"}',
    "single quotes": b"{'text': 'a'}",
    "a comma too many": b'{"text": "a",}',
    "a control character": b'{"text": "a\x01b"}',
}


@pytest.mark.parametrize("body", TRAPS.values(), ids=TRAPS)
def test_a_body_that_is_a_trap_is_malformed(body: bytes) -> None:
    response = post(body)

    assert response.status_code == 400
    assert reason(response) == "malformed"


def test_16_deep_and_brackets_in_texts_are_no_trap() -> None:
    assert read_json(b"[" * 16 + b"]" * 16) is not None
    assert read_json(rb'{"text": "[[[[[[[[[[[[[[[[[[[[\"[[[["}') == {"text": "[" * 20 + '"[[[['}


@pytest.mark.parametrize("body", [[], "a", 1, True, [{"text": "a"}]], ids=repr)
def test_a_body_that_is_no_object_is_invalid(body: Any) -> None:
    response = post(body)

    assert response.status_code == 400
    assert reason(response) == "invalid"
    assert response.json()["errors"][0]["pointer"] == ""


def test_null_is_no_body() -> None:
    response = post(b"null")

    assert response.status_code == 400
    assert reason(response) == "invalid"


WRONG = {
    "text": [1, 1.5, True, None, [], {}, "", "  ", "x" * 21],
    "number": ["1", 1.5, 1.0, True, None, [], {}, 2**63, -(2**63), 10**30],
    "flag": ["true", 1, 0, None, [], {}],
    "at": [
        "2026-03-31",
        "2026-03-31T12:00:00",
        1,
        None,
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59-12:00",
        "x" * 50,
        "2026-03-31T12:00:00+99:00",
        [],
    ],
}


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, values in WRONG.items() for v in values])
def test_a_value_of_the_wrong_type_is_invalid_and_named(name: str, value: Any) -> None:
    response = post({"text": "a", name: value})

    assert response.status_code == 400
    assert reason(response) == "invalid"
    assert [error["pointer"] for error in response.json()["errors"]] == [f"/{name}"]


@pytest.mark.parametrize(
    "total",
    [12.5, 12, "12,50", "1e3", "NaN", "-1", "+1", " 1", "١", "1.1234567", "9" * 16, "", None],
)
def test_an_amount_is_text_in_digits(total: Any) -> None:
    response = post({"text": "a", "lines": [{"total": "1.00"}, {"total": total}]})

    assert response.status_code == 400
    assert [error["pointer"] for error in response.json()["errors"]] == ["/lines/1/total"]


def test_names_that_there_are_not_are_named_escaped() -> None:
    response = post({"text": "a", "a/b~c": 1, "lines": [{"total": "1", "extra": 2}]})

    assert response.status_code == 400
    assert {(error["pointer"], error["reason"]) for error in response.json()["errors"]} == {
        ("/a~1b~0c", "unknown_field"),
        ("/lines/0/extra", "unknown_field"),
    }


def test_ten_thousand_unknown_names_are_told_of_in_part() -> None:
    response = post({"text": "a", **{f"name{number}": 1 for number in range(10_000)}})

    assert response.status_code == 400
    assert len(response.json()["errors"]) == 20


def test_a_body_may_have_a_thousand_kilobytes_and_no_byte_more(settings: Any) -> None:
    settings.PPX_API_MAX_BODY_KILOBYTES = 1
    fits = json.dumps({"text": "a"}).encode().ljust(1000)

    assert post(fits).status_code == 200
    response = post(fits + b" ")

    assert response.status_code == 413
    assert reason(response) == "too_large"


def test_ten_megabytes_are_too_large() -> None:
    response = post(b'{"text": "' + b"x" * 10_000_000 + b'"}')

    assert response.status_code == 413
    assert reason(response) == "too_large"


def test_a_host_that_takes_less_is_obeyed(settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100

    assert post({"text": "x" * 20}).status_code == 200


@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        "text/json",
        "",
        ";",
        "application/xml",
        "*/*",
        "application/*",
        "application/jsonp",
    ],
)
def test_a_body_that_is_no_json_is_not_read(content_type: str) -> None:
    response = post(b"text=a", content_type=content_type)

    assert response.status_code == 415
    assert reason(response) == "unsupported_media_type"


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=utf-16",
        "application/json; charset=none-such",
        "application/json; q=\x7f",
    ],
)
def test_json_is_utf_8_whatever_its_type_says_besides(content_type: str) -> None:
    response = post({"text": "ä"}, content_type=content_type)

    assert response.status_code == 200
    assert response.json() == {"order_ref": "1001", "text": "ä"}


@pytest.mark.parametrize("length", ["0", "", "-1", "abc", "1e3"])
def test_an_odd_length_of_the_body_is_no_error_of_the_server(length: str) -> None:
    response = post({"text": "a"}, CONTENT_LENGTH=length)

    assert response.status_code == 400


def test_a_body_in_chunks_is_asked_for_in_one_piece() -> None:
    response = post(b"", headers={"Transfer-Encoding": "chunked"}, CONTENT_LENGTH="")

    assert response.status_code == 411
    assert reason(response) == "length_required"


QUERIES = {
    "a name twice": "number=1&number=2",
    "an unknown name": "numbr=1",
    "NUL": "number=%00",
    "no UTF-8": "number=%ff",
    "half an escape": "number=%",
    "a sign": "number=%2B5",
    "an underscore": "number=1_0",
    "a point": "number=1.0",
    "spaces": "number=%205",
    "other digits": "number=%D9%A1",
    "too large": "number=9223372036854775808",
    "5,000 digits": "number=" + "9" * 5000,
    "another format": "format=json",
    "a format that there is not": "format=api",
    "another method": "_method=DELETE",
    "a thousand and one names": "&".join(f"a{number}=1" for number in range(1001)),
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_a_query_that_is_wrong_is_refused(query: str) -> None:
    response = ask("GET", f"{SHOPPER}?{query}", headers=of_order("1001"))

    assert response.status_code == 400
    assert reason(response) in {"invalid", "malformed"}


@pytest.mark.parametrize(
    ("query", "number"),
    [("", None), ("?", None), ("?number=-7", -7), ("?number=9223372036854775807", 2**63 - 1)],
)
def test_a_query_that_is_right_is_read(query: str, number: int | None) -> None:
    response = ask("GET", f"{SHOPPER}{query}", headers=of_order("1001"))

    assert response.status_code == 200
    assert response.json().get("number") == number
