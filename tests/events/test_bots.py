from __future__ import annotations

import pytest

from django_ppx.events.bots import Visit, is_prefetch, score_beacon, score_link, visit_from_headers

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"


def visit(**overrides):
    values = {
        "method": "GET",
        "user_agent": CHROME,
        "accept_language": "de",
        "fetch_mode": "navigate",
        "seconds_since_shown": 12.0,
    }
    return Visit(**{**values, **overrides})


@pytest.mark.parametrize(
    ("overrides", "score"),
    [
        ({}, 0),
        ({"fetch_mode": ""}, 0),  # Safari before 16.4 does not send it
        ({"accept_language": ""}, 30),
        ({"fetch_mode": "no-cors"}, 20),
        ({"seconds_since_shown": 0.99}, 30),
        ({"seconds_since_shown": 1.0}, 0),
        ({"seconds_since_shown": None}, 0),
        ({"user_agent": ""}, 60),
        ({"user_agent": "Googlebot/2.1 (+http://www.google.com/bot.html)"}, 90),
        ({"user_agent": "Mozilla/5.0 HeadlessChrome/140.0"}, 90),
        ({"user_agent": "curl/8.5.0", "accept_language": ""}, 100),
    ],
)
def test_a_followed_link_is_scored_by_what_the_request_says(overrides, score):
    assert score_link(visit(**overrides)) == score


@pytest.mark.parametrize("model", ["CUBOT", "CUBOT KINGKONG 9", "CUBOT_NOTE_40"])
def test_a_phone_called_cubot_is_no_bot(model):
    assert (
        score_link(visit(user_agent=f"Mozilla/5.0 (Linux; Android 14; {model}) Chrome/140.0")) == 0
    )


def test_a_report_by_the_script_is_scored_by_its_agent_alone():
    assert score_beacon(visit(accept_language="", fetch_mode="no-cors")) == 0
    assert score_beacon(visit(user_agent="Barracuda Sentinel")) == 90


@pytest.mark.parametrize(
    ("purpose", "expected"),
    [
        ("prefetch", True),
        ("prefetch;prerender", True),
        ("Preview", True),
        ("", False),
        ("navigate", False),
    ],
)
def test_a_prefetch_is_recognised(purpose, expected):
    assert is_prefetch(visit(purpose=purpose)) is expected


def test_the_headers_that_browsers_send_when_fetching_ahead_are_read():
    for header in ("Sec-Purpose", "Purpose", "X-Moz"):
        assert is_prefetch(visit_from_headers("GET", {header: "prefetch"}))
