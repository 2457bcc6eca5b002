from __future__ import annotations

import re
from pathlib import Path

import pytest

import django_ppx
from django_ppx.offers.kinds import load_kinds
from django_ppx.reviews.platform_rules import READY_PLATFORMS
from django_ppx.social.models import SocialChannel
from django_ppx.social.share_links import NETWORKS, Shared, share_links

PACKAGE = Path(django_ppx.__file__).parent
ROOT = PACKAGE / "templates" / "django_ppx"
MAILS = ROOT / "mail"
TEMPLATES = sorted(ROOT.rglob("*.html"))
SPRITE = (PACKAGE / "static" / "django_ppx" / "icons.svg").read_text()
SYMBOLS = set(re.findall(r'<symbol id="ppx-icon-([a-z_]+)"', SPRITE))

each_template = pytest.mark.parametrize(
    "template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT))
)


def test_the_templates_of_every_design_kind_and_page_are_there() -> None:
    folders = {path.parent.name for path in TEMPLATES}

    assert folders == {"django_ppx", "designs", "kinds", "elements", "pages", "mail", "ugc"}


@each_template
def test_a_template_begins_with_a_comment_that_lists_its_variables(template: Path) -> None:
    source = template.read_text()

    begins = re.match(r"\{% comment %\}(.*?)\{% endcomment %\}|((?:\{#.*?#\}\n)+)", source, re.S)

    assert begins is not None
    assert "Variables:" in begins.group()


@each_template
def test_a_template_has_no_inline_script_style_or_handler(template: Path) -> None:
    source = template.read_text()
    if MAILS in template.parents:  # mail programs know no stylesheet but this
        source = re.sub(r"<style>|\sstyle=", "", source)

    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", source)
    assert not re.search(r"<script(?![^>]*\ssrc=)", source)


@each_template
def test_every_block_says_which_one_it_ends(template: Path) -> None:
    source = template.read_text()

    begun = re.findall(r"\{% block (\w+) %\}", source)
    ended = re.findall(r"\{% endblock(?: (\w+))? %\}", source)

    assert sorted(begun) == sorted(ended)


@each_template
def test_every_word_that_a_shopper_reads_can_be_translated(template: Path) -> None:
    source = re.sub(
        r"\{% comment %\}.*?\{% endcomment %\}|\{#.*?#\}", "", template.read_text(), flags=re.S
    )
    source = re.sub(r"<style>.*?</style>", "", source, flags=re.S)
    source = re.sub(r"\{% blocktranslate.*?\{% endblocktranslate %\}", "", source, flags=re.S)
    without_code = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", source, flags=re.S)

    read_out = re.findall(r'\s(?:aria-label|title|alt|placeholder)="([^"]*)"', without_code)
    visible = re.sub(r"<[^>]*>", "", without_code)

    assert not re.search(r"[A-Za-z]", visible)
    assert not re.search(r"[A-Za-z]", "".join(read_out))


@pytest.mark.parametrize("design", ["ticket", "card", "banner"])
def test_every_design_has_the_same_blocks(design: str) -> None:
    source = (ROOT / "designs" / f"{design}.html").read_text()

    blocks = set(re.findall(r"\{% block (\w+) %\}", source))

    assert blocks == {"lead", "media", "title", "text", "actions", "dismiss"}


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    sources = "".join(path.read_text() for path in TEMPLATES)

    named = set(re.findall(r"#ppx-icon-([a-z_]+)", sources))

    assert named <= SYMBOLS


def test_every_icon_that_a_kind_a_platform_or_a_channel_names_is_in_the_sprite() -> None:
    kinds = {kind.icon for kind in load_kinds().values()}
    platforms = {platform.icon for platform in READY_PLATFORMS}
    shared = Shared(text="Found it", url="https://shop.example.com/p/1", title="Linen")
    networks = {link.icon for link in share_links(shared, NETWORKS)}
    channels = set(SocialChannel.Network.values) - {SocialChannel.Network.OTHER}

    assert kinds | platforms | networks | channels <= SYMBOLS


def test_the_sprite_is_drawn_in_the_colour_of_the_text() -> None:
    colours = set(re.findall(r'(?:fill|stroke)="([^"]+)"', SPRITE))

    assert colours == {"none", "currentColor"}
