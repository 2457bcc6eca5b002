"""Which addresses are posts, and what is stored of them."""

from __future__ import annotations

import pytest

from django_ppx.ugc.posts import NETWORKS, normalise_post
from django_ppx.ugc.refusals import PostRefused

POSTS = [
    ("https://www.instagram.com/p/Cx1_a-B/?igsh=abc#x", "instagram", "https://www.instagram.com/p/Cx1_a-B/"),
    ("instagram.com/reel/Cx1", "instagram", "https://www.instagram.com/reel/Cx1/"),
    ("https://www.instagram.com/kiln.shop/p/Cx1/", "instagram", "https://www.instagram.com/p/Cx1/"),
    ("https://www.instagram.com/reels/Cx1/", "instagram", "https://www.instagram.com/reel/Cx1/"),
    ("https://instagram.com/stories/kiln/123/", "instagram", "https://www.instagram.com/stories/kiln/123/"),
    ("http://m.tiktok.com/@kiln.shop/video/72?_r=1", "tiktok", "https://www.tiktok.com/@kiln.shop/video/72"),
    ("https://vm.tiktok.com/ZM8abc/", "tiktok", "https://vm.tiktok.com/ZM8abc/"),
    ("https://www.youtube.com/watch?v=dQw4-_1&list=x&t=3", "youtube", "https://www.youtube.com/watch?v=dQw4-_1"),
    ("https://youtu.be/dQw4?si=abc", "youtube", "https://www.youtube.com/watch?v=dQw4"),
    ("https://m.youtube.com/shorts/dQw4", "youtube", "https://www.youtube.com/shorts/dQw4"),
    ("https://www.facebook.com/kiln/posts/pfbid02x?ref=a", "facebook", "https://www.facebook.com/kiln/posts/pfbid02x"),
    ("https://facebook.com/groups/9/permalink/8/", "facebook", "https://www.facebook.com/groups/9/posts/8"),
    ("https://www.facebook.com/permalink.php?story_fbid=5&id=6&x=7", "facebook", "https://www.facebook.com/permalink.php?story_fbid=5&id=6"),
    ("https://fb.watch/abc/", "facebook", "https://fb.watch/abc/"),
    ("https://twitter.com/kiln/status/123?s=20", "x", "https://x.com/kiln/status/123"),
    ("  HTTPS://X.COM/kiln/status/123/photo/1  ", "x", "https://x.com/kiln/status/123"),
    ("https://www.pinterest.de/pin/blue-bowl--123/", "pinterest", "https://www.pinterest.com/pin/123/"),
    ("https://pin.it/abc", "pinterest", "https://pin.it/abc"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "network", "stored"), POSTS)
def test_posts_have_one_address(typed: str, network: str, stored: str) -> None:
    post = normalise_post(typed)

    assert (post.network, post.url) == (network, stored)
    assert normalise_post(post.url) == post


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("my post", "not_a_link"),
        ("javascript:alert(1)//instagram.com/p/a/", "not_a_link"),
        ("javascript://instagram.com/p/a/", "not_a_link"),
        ("ftp://instagram.com/p/a/", "not_a_link"),
        ("https://user:word@instagram.com/p/a/", "not_a_link"),
        ("https://instagram.com@evil.example.com/p/a/", "not_a_link"),
        ("https://instagram.com:8443/p/a/", "not_a_link"),
        ("https://instagram.com:/p/a/", "not_a_link"),
        ("https://instagram.com:99999999/p/a/", "not_a_link"),
        ("https://instаgram.com/p/a/", "not_a_link"),  # the third letter is Cyrillic
        ("https://instagram.com/p/a\u202e/", "not_a_link"),
        ("https://instagram.com\\.evil.example.com/p/a/", "not_a_link"),
        ("https://insta\ngram.com/p/a/", "not_a_link"),
        ("https://[::1/p/a/", "not_a_link"),
        ("https://localhost/p/a/", "not_a_link"),
        ("https://instagram.com/p/" + "a" * 2000, "not_a_link"),
        ("https://xn--instgram-q2a.com/p/a/", "unknown_network"),
        ("https://instagram.com.example.com/p/a/", "unknown_network"),
        ("https://evil-instagram.com/p/a/", "unknown_network"),
        ("https://l.instagram.com/p/a/", "unknown_network"),
        ("https://instagram.com./p/a/", "unknown_network"),
        ("https://127.0.0.1/p/a/", "unknown_network"),
        ("https://example.com/?u=https://instagram.com/p/a/", "unknown_network"),
        ("https://www.instagram.com/", "not_a_post"),
        ("https://www.instagram.com/kiln/", "not_a_post"),
        ("https://www.instagram.com/p/a/../../kiln/", "not_a_post"),
        ("https://www.instagram.com/p/%2e%2e/", "not_a_post"),
        ("https://www.youtube.com/watch?list=a", "not_a_post"),
        ("https://www.youtube.com/watch?v=<b>", "not_a_post"),
        ("https://www.youtube.com/redirect?q=https://example.com", "not_a_post"),
        ("https://www.tiktok.com/@kiln", "not_a_post"),
        ("https://l.facebook.com/l.php?u=https://example.com", "unknown_network"),
        ("https://www.facebook.com/l.php?u=https://example.com", "not_a_post"),
        ("https://x.com/kiln", "not_a_post"),
        ("https://www.pinterest.com/kiln/board/", "not_a_post"),
    ],
)
def test_what_is_no_post_is_refused(typed: str, reason: str) -> None:
    with pytest.raises(PostRefused) as refused:
        normalise_post(typed)

    assert refused.value.reason == reason
    assert refused.value.sentence


def test_the_networks_are_those_the_sentence_names() -> None:
    sentence = str(PostRefused(PostRefused.Reason.UNKNOWN_NETWORK)).lower()

    assert set(NETWORKS) == {"instagram", "tiktok", "youtube", "facebook", "x", "pinterest"}
    assert [network for network in NETWORKS if network not in sentence] == []
