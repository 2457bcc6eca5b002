"""What an offer kind is, and the registry of kinds (`PPX_OFFER_KINDS`).

A kind is a folder: a child table of `Offer`, a subclass of `OfferKind`, a template, an admin. `docs/adding_a_kind.md`
makes one from scratch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.checks import CheckMessage
from django.db import models
from django.utils.module_loading import import_string

from django_ppx.conf import ppx_settings
from django_ppx.exceptions import Misconfigured
from django_ppx.offers.cards import CardCode
from django_ppx.offers.moments import Moment, StoredCode

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

    from django_ppx.offers.models import Offer


@dataclass(frozen=True, kw_only=True, slots=True)
class Destination:
    """Where a link of a card leads. `key` names it in the signed redirect and must not change between requests."""

    key: str
    label: str
    url: str
    icon: str = ""
    event: str = "click"
    channel: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CardParts:
    """What a kind adds to a card beyond the variant's words."""

    destinations: tuple[Destination, ...] = ()
    code: CardCode | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class CardContext:
    """What a kind knows when it makes a card. `code` is set for kinds that give codes, also in previews."""

    moment: Moment
    language: str
    button: str
    code: StoredCode | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """One offer that is about to be put on a purchase's page for the first time."""

    offer_id: int
    offer_name: str
    config: Any
    purchase_id: int
    customer_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class GrantedCode:
    """A code that was issued for a grant: its row and what the card needs of it."""

    id: int
    stored: StoredCode


@dataclass(frozen=True, kw_only=True, slots=True)
class KindRows:
    """Further rows that hang on the child table, such as its texts: what an inline of the kind's admin writes.

    `key` is the column that tells the rows of one offer apart; `link` names the foreign key to the child table.
    """

    name: str
    model: type[models.Model]
    form: type[forms.ModelForm[Any]]
    formset: type[forms.BaseInlineFormSet[Any, Any, Any]]
    link: str
    key: str = "language"


class OfferKind:
    """The contract. A subclass sets the class attributes and overrides what it needs; every default is usable.

    Instances are shared between requests and threads: keep no state.
    """

    name: ClassVar[str]
    """Stored in `Offer.kind`; lower_snake, never changed once offers exist."""
    label: ClassVar[_StrOrPromise]
    description: ClassVar[_StrOrPromise] = ""
    """One sentence for staff: what customers get to see."""
    icon: ClassVar[str] = "tag"
    model: ClassVar[type[Offer]]
    """The child table of `Offer` that holds this kind's columns."""
    form: ClassVar[type[forms.ModelForm[Any]] | None] = None
    """A subclass of `OfferForm` that checks what is written; the same as in the kind's admin. None: `OfferForm`."""
    rows: ClassVar[tuple[KindRows, ...]] = ()
    """Further tables that are written together with the offer; the same as the inlines of the kind's admin."""
    sources: ClassVar[tuple[type[models.Model], ...]] = ()
    """Further models whose changes change what the page shows (benefits, channels, …)."""
    template_name: ClassVar[str] = ""
    """Default: `django_ppx/kinds/<name>.html`."""
    default_design: ClassVar[str] = "card"
    done_events: ClassVar[frozenset[str]] = frozenset({"click"})
    """The events by which a customer has done what the offer asks."""
    gives_code: ClassVar[bool] = False
    """Whether `grant` issues a discount code that the card shows."""

    @property
    def template(self) -> str:
        return self.template_name or f"django_ppx/kinds/{self.name}.html"

    def configure(self, offer_ids: Sequence[int]) -> Mapping[int, Any]:
        """Return a frozen configuration per offer id, in a constant number of queries.

        An id that is left out (its child row is gone) is never shown.
        """
        return dict.fromkeys(offer_ids)

    def is_available(self, config: Any, moment: Moment) -> bool:
        """Return whether there is anything to show at this moment. Pure: no query, no clock."""
        return True

    def grant(self, grants: Sequence[Grant], *, now: datetime) -> Mapping[int, GrantedCode]:
        """Issue what a first showing promises, for all grants at once, and return the codes by offer id.

        Called inside the page's savepoint and possibly twice for the same grant: it must be idempotent.
        """
        return {}

    def sample_code(self, config: Any, *, now: datetime) -> StoredCode | None:
        """Return an example code for previews. Nothing is stored."""
        return None

    def parts(self, config: Any, context: CardContext) -> CardParts:
        """Return links, code and details of the card. No query."""
        return CardParts()

    def copy_children(self, source: Offer, copy: Offer) -> None:
        """Copy rows that hang on the child table (many-to-many, further tables) when staff duplicate an offer."""

    def starter_texts(self) -> Mapping[str, Mapping[str, str]]:
        """Return good first wordings by language (`headline`, `text`, `button`), with which the form of a new offer
        comes filled in. Languages that the shop does not have are ignored."""
        return {}

    def problems(self, offer: Offer) -> Sequence[_StrOrPromise]:
        """Return what stops this offer (a row of `model`) from being activated, a sentence each."""
        return ()

    def check(self) -> list[CheckMessage]:
        """Return system check messages about this kind."""
        return []


def load_kind(path: str) -> OfferKind:
    """Return the kind at a dotted path.

    :raises Misconfigured: when it can't be imported or is no `OfferKind` with a name, a label and a model.
    """
    try:
        found = import_string(path)
    except ImportError as error:
        raise Misconfigured(f"The offer kind {path!r} can't be imported: {error}") from error
    if not (isinstance(found, type) and issubclass(found, OfferKind)):
        raise Misconfigured(f"{path!r} is not a subclass of django_ppx.offers.kinds.OfferKind.")
    missing = [name for name in ("name", "label", "model") if not hasattr(found, name)]
    if missing:
        raise Misconfigured(f"The offer kind {path!r} lacks: {', '.join(missing)}.")
    return found()


@lru_cache(maxsize=8)
def _load(paths: tuple[str, ...]) -> Mapping[str, OfferKind]:
    kinds: dict[str, OfferKind] = {}
    for path in paths:
        kind = load_kind(path)
        if kind.name in kinds:
            raise Misconfigured(f"Two offer kinds are called {kind.name!r}.")
        kinds[kind.name] = kind
    return kinds


def load_kinds() -> Mapping[str, OfferKind]:
    """Return the kinds of `PPX_OFFER_KINDS` by name, in that order. Loaded once per value of the setting.

    :raises Misconfigured: when one of them can't be loaded, or two share a name.
    """
    return _load(tuple(ppx_settings.PPX_OFFER_KINDS))


def kind_choices() -> list[tuple[str, _StrOrPromise]]:
    """Return (name, label) of every kind, for forms and filters."""
    return [(kind.name, kind.label) for kind in load_kinds().values()]


def snapshot_sources() -> Iterable[type[models.Model]]:
    """Return every model of a kind whose rows the snapshot is made from."""
    for kind in load_kinds().values():
        yield kind.model
        yield from kind.sources
