"""A shop with two customers, and for each endpoint a question that is in order: `QUESTIONS`.

An endpoint without a question fails `test_permission_matrix.py`; the traps, the races and the fuzzing use them too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.contrib.auth.models import Permission, User
from django.test import Client
from django.test.client import encode_multipart
from django.utils import timezone

from django_ppx.access.scopes import PERMISSIONS, Scope
from django_ppx.rewards.models import Benefit
from django_ppx.shop.types import Customer
from django_ppx.testing import (
    FakeShop,
    make_api_key,
    make_audience,
    make_benefit,
    make_code,
    make_offer,
    make_order,
    make_purchase,
    make_reward,
    make_ugc_offer,
    order_token,
)
from django_ppx.testing.ugc import photo
from django_ppx.ugc.drafts import Sender, open_draft
from django_ppx.ugc.pieces import begin_upload
from django_ppx.ugc.storage import new_key
from django_ppx.ugc.uploading import add_file
from tests.api.asking import JSON, V1, ask
from tests.api.backend import sent
from tests.api.endpoints import Endpoint

BROWSER: Final = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36",
    "Sec-Fetch-Mode": "cors",
}
BOUNDARY: Final = "a-boundary-of-tests"


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked: where, with which body. `body` is JSON, or bytes of `content_type`."""

    args: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)

    def path(self, endpoint: Endpoint) -> str:
        return V1 + endpoint.path.format(**self.args)


class World:
    """Orders of two accounts, A and B, and one of everything that belongs to A's or to the shop.

    A second world beside the first one has a `number` of its own: its offers come before the others.
    """

    def __init__(self, settings: Any, *, number: int = 0) -> None:
        self.suffix = str(number or "")
        first = {"priority": 1000 - number}
        settings.PPX_SHOP = "django_ppx.testing.FakeShop"
        settings.PPX_SITE_URL = "https://shop.example.com"
        settings.PPX_API_RATES = {"anonymous": None, "shopper": None, "backend": None}
        FakeShop.clear()
        self.customers = {name: User.objects.create_user(name + self.suffix) for name in ("A", "B")}
        self.purchases = {name: self._place(name) for name in ("A", "B")}
        self.benefit: Benefit = make_benefit()
        self.gift = make_reward(
            make_benefit(type="gift", gift="A mug", percent=None), now=timezone.now()
        )
        self.discount = make_offer(
            "next_purchase_discount",
            benefit=self.benefit,
            slug=f"discount{self.suffix}",
            **first,
        )
        self.link = make_offer(
            "message", slug=f"message{self.suffix}", url="https://example.com/", **first
        )
        self.draft_offer = make_offer("message", slug=f"a-draft{self.suffix}", status="draft")
        self.audience = make_audience(name=f"Everybody{self.suffix}")
        self.ugc_offer = make_ugc_offer(slug=f"mornings{self.suffix}", **first)
        self.code = make_code(self.benefit, now=timezone.now())
        self.reward = make_reward(
            self.benefit, purchase_id=self.purchases["A"].pk, now=timezone.now()
        )
        self.ugc_draft = open_draft(
            Sender(
                ugc_offer=self.ugc_offer,
                purchase=self.purchases["A"],
                form_key=new_key(),
                language="en",
            ),
            now=timezone.now(),
        )
        self.media: Any = add_file(
            draft=self.ugc_draft, upload=photo(), name="photo.jpg", now=timezone.now()
        )
        self.picture = photo().read()
        self.upload: Any = begin_upload(
            draft=self.ugc_draft,
            name="photo.jpg",
            size=len(self.picture),
            now=timezone.now(),
        )
        shown = ask("POST", f"{V1}decisions/", {}, headers=self.token("A")).json()["offers"]
        self.cards = {card["offer"].removesuffix(self.suffix): card for card in shown}

    def _place(self, name: str) -> Any:
        customer = Customer(
            account_id=str(self.customers[name].pk),
            email=f"{name.lower()}{self.suffix}@example.com",
            language="en",
            country="DE",
        )
        order = FakeShop.place(
            make_order(number=self.order(name), customer=customer, placed_at=timezone.now())
        )
        return make_purchase(order)

    def order(self, name: str) -> str:
        return f"{name}{self.suffix}-1"

    def token(self, name: str) -> dict[str, str]:
        return {"PPX-Order-Token": order_token(self.order(name)), **BROWSER}

    def key(self, *scopes: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {make_api_key(*scopes).text}"}

    def staff(self, scope: Scope | None) -> Client:
        staff = User.objects.create_user(f"staff-{User.objects.count()}", is_staff=True)
        for permission in PERMISSIONS[scope] if scope else ():
            code = permission.partition(".")[2]
            staff.user_permissions.add(Permission.objects.get(codename=code))
        return logged_in(staff)

    def ask(
        self,
        endpoint: Endpoint,
        question: Question,
        *,
        headers: Mapping[str, str] | None = None,
        client: Client | None = None,
    ) -> Any:
        return ask(
            endpoint.method,
            question.path(endpoint),
            question.body,
            headers={**question.headers, **(headers or {})},
            client=client,
            content_type=question.content_type,
        )

    def rightful(self, endpoint: Endpoint) -> dict[str, str]:
        """Return the headers of somebody who may ask this."""
        return self.key() if hasattr(endpoint.view, "scopes") else self.token("A")


def logged_in(account: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(account)
    return client


def _card(offer: str, body: Any = None) -> Callable[[World], Question]:
    def question(world: World) -> Question:
        return Question(args={"card": world.cards[offer]["card"]}, body=body)

    return question


def _order(body: Any = None) -> Callable[[World], Question]:
    return lambda world: Question(args={"order_ref": world.order("A")}, body=body)


def _offer(slug: str, body: Any = None) -> Callable[[World], Question]:
    return lambda world: Question(args={"slug": slug + world.suffix}, body=body)


def _audience(body: Any = None) -> Callable[[World], Question]:
    return lambda world: Question(args={"pk": world.audience.pk}, body=body)


def _basket(world: World, **body: Any) -> Question:
    basket = {"currency": "EUR", "total": "50.00"}
    return Question(body={"code": world.code.code, "basket": basket, **body})


def _draft(world: World, **values: Any) -> Question:
    args = {"form_key": world.ugc_draft.form_key, **values.pop("args", {})}
    return Question(args=args, **values)


def _agreed(world: World) -> Question:
    headers = world.token("A")
    offering = ask("GET", f"{V1}ugc/offers/", headers=headers).json()["results"][0]
    body = {
        "has_agreed": True,
        "licence_mark": offering["licence"]["mark"],
        "is_old_enough": True,
        "people_agreed": True,
        "page": "https://front.example.com/thanks",
    }
    return _draft(world, body=body)


def _file(world: World) -> Question:
    return _draft(
        world,
        body=encode_multipart(BOUNDARY, {"file": photo()}),
        content_type=f"multipart/form-data; boundary={BOUNDARY}",
    )


def _piece(world: World) -> Question:
    return Question(
        args={"key": world.upload.key},
        body=world.picture,
        content_type="application/offset+octet-stream",
        headers={"Upload-Offset": "0"},
    )


def _nothing(world: World) -> Question:
    return Question()


def _with(body: Any) -> Callable[[World], Question]:
    return lambda world: Question(body=body)


QUESTIONS: Final[dict[str, Callable[[World], Question]]] = {
    "POST decisions/": _with({}),
    "POST fragments/": _with({}),
    "POST events/": lambda world: Question(
        body={"events": [{"id": "1", "card": world.cards["message"]["card"], "name": "impression"}]}
    ),
    "POST cards/{card}/claim/": _card("discount", {}),
    "POST cards/{card}/dismiss/": _card("message", {}),
    "GET cards/{card}/links/": _card("message"),
    "POST cards/{card}/follow/": lambda world: Question(
        args={"card": world.cards["message"]["card"]},
        body={"key": world.cards["message"]["links"][0]["key"]},
    ),
    "GET ugc/offers/": _nothing,
    "GET ugc/submissions/": _nothing,
    "POST ugc/submissions/": lambda world: Question(
        body={"offer": world.ugc_offer.slug, "reference": "mine"}
    ),
    "GET ugc/submissions/{form_key}/": _draft,
    "POST ugc/submissions/{form_key}/send/": _agreed,
    "POST ugc/submissions/{form_key}/withdraw/": lambda world: _draft(world, body={}),
    "POST ugc/submissions/{form_key}/files/": _file,
    "DELETE ugc/submissions/{form_key}/files/{key}/": lambda world: _draft(
        world, args={"key": world.media.key}
    ),
    "GET ugc/submissions/{form_key}/files/{key}/{name}": lambda world: _draft(
        world, args={"key": world.media.key, "name": "list.jpg"}
    ),
    "POST ugc/submissions/{form_key}/uploads/": lambda world: _draft(
        world, body={"name": "photo.jpg", "size": 1000}
    ),
    "GET ugc/uploads/{key}/": lambda world: Question(args={"key": world.upload.key}),
    "PATCH ugc/uploads/{key}/": _piece,
    "DELETE ugc/uploads/{key}/": lambda world: Question(args={"key": world.upload.key}),
    "POST orders/": lambda world: Question(body={"orders": [sent(world.order("new"))]}),
    "GET purchases/": _nothing,
    "GET purchases/{order_ref}/": _order(),
    "POST purchases/{order_ref}/cancel/": _order({}),
    "POST purchases/{order_ref}/refund/": _order({"amount": "5.00"}),
    "POST purchases/{order_ref}/token/": _order({}),
    "GET purchases/{order_ref}/explain/": _order(),
    "POST codes/quote/": _basket,
    "POST codes/reserve/": lambda world: _basket(world, order_ref=world.order("new")),
    "POST codes/redeem/": lambda world: Question(
        body={"code": world.code.code, "order_ref": world.order("A")}
    ),
    "POST codes/release/": lambda world: Question(
        body={"code": world.code.code, "order_ref": world.order("A")}
    ),
    "GET rewards/": _nothing,
    "POST rewards/": lambda world: Question(
        body={"reference": "1", "benefit": world.benefit.pk, "order_ref": world.order("A")}
    ),
    "GET rewards/{reward_id}/": lambda world: Question(args={"reward_id": world.reward.pk}),
    "POST rewards/{reward_id}/reverse/": lambda world: Question(
        args={"reward_id": world.reward.pk}, body={"why": "A mistake"}
    ),
    "POST rewards/{reward_id}/hand_over/": lambda world: Question(
        args={"reward_id": world.gift.pk}, body={"note": "Parcel 7"}
    ),
    "GET offers/": _nothing,
    "POST offers/": lambda world: Question(
        body={"kind": "message", "name": "New", "slug": f"new{world.suffix}"}
    ),
    "GET offers/{slug}/": _offer("message"),
    "PATCH offers/{slug}/": _offer("message", {"name": "Changed"}),
    "POST offers/{slug}/activate/": _offer("a-draft", {}),
    "POST offers/{slug}/pause/": _offer("message", {}),
    "POST offers/{slug}/archive/": _offer("message", {}),
    "POST offers/{slug}/duplicate/": _offer("message", {}),
    "GET offer_kinds/": _nothing,
    "GET audiences/": _nothing,
    "POST audiences/": lambda world: Question(body={"name": f"New{world.suffix}"}),
    "GET audiences/{pk}/": _audience(),
    "PATCH audiences/{pk}/": _audience({"name": "Changed"}),
    "DELETE audiences/{pk}/": _audience(),
    "GET traits/": _nothing,
}


def dumped(question: Question) -> bytes:
    """Return the body as it is sent."""
    return question.body if isinstance(question.body, bytes) else json.dumps(question.body).encode()
