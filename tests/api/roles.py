"""Who may call: the columns of the permission matrix in docs/api.md, in their order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django_ppx.access.scopes import Scope
from tests.api.endpoints import Endpoint
from tests.api.world import Question, World, logged_in

Asking = Callable[[World, Endpoint, Question], Any]


def _scope(endpoint: Endpoint) -> Scope | None:
    return getattr(endpoint.view, "scopes", {}).get(endpoint.method)


def _others(endpoint: Endpoint) -> list[str]:
    return [each.value for each in Scope if each is not _scope(endpoint)]


ROLES: Final[dict[str, Asking]] = {
    "nobody": lambda world, endpoint, question: world.ask(endpoint, question),
    "token of the order": lambda world, endpoint, question: world.ask(
        endpoint, question, headers=world.token("A")
    ),
    "token of another": lambda world, endpoint, question: world.ask(
        endpoint, question, headers=world.token("B")
    ),
    "customer's session": lambda world, endpoint, question: world.ask(
        endpoint,
        question,
        headers={"PPX-Order": world.order("A")},
        client=logged_in(world.customers["A"]),
    ),
    "another's session": lambda world, endpoint, question: world.ask(
        endpoint,
        question,
        headers={"PPX-Order": world.order("A")},
        client=logged_in(world.customers["B"]),
    ),
    "key of other scopes": lambda world, endpoint, question: world.ask(
        endpoint, question, headers=world.key(*_others(endpoint))
    ),
    "key of the scope": lambda world, endpoint, question: world.ask(
        endpoint, question, headers=world.key(*([scope] if (scope := _scope(endpoint)) else []))
    ),
    "staff without permission": lambda world, endpoint, question: world.ask(
        endpoint, question, client=world.staff(None)
    ),
    "staff with permission": lambda world, endpoint, question: world.ask(
        endpoint, question, client=world.staff(_scope(endpoint))
    ),
}
