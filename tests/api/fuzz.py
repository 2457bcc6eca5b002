"""Asks every endpoint what its description allows and what it forbids, as three callers, and checks the answers.

    python -m tests.api.fuzz 20000      at least so many requests, in a SQLite database of its own

No answer is an error of the server; every answer is one that the description names, in the shape that it names; what it
forbids is refused; and an endpoint that names credentials gives nothing without them.
"""

from __future__ import annotations

import copy
import os
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import django

ASKED: Final = {"token": 40, "key": 40, "staff": 20}
"""Examples of each operation for one round, by caller. Of what is not for them, callers ask a tenth."""
SCHEME: Final = {"token": "orderToken", "key": "apiKey", "staff": "apiKey"}


@dataclass
class Tally:
    """What was sent, and what went wrong."""

    requests: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return sum(self.requests.values())


def strict(description: Mapping[str, Any]) -> dict[str, Any]:
    """Return the description with shapes of answers that have no other fields than those it names."""
    found: dict[str, Any] = copy.deepcopy(dict(description))
    extended = {
        part["$ref"].rpartition("/")[2]
        for schema in found["components"]["schemas"].values()
        for part in schema.get("allOf", ())
        if "$ref" in part
    }
    for name, schema in found["components"]["schemas"].items():
        if schema.get("properties") and not name.endswith("Request") and name not in extended:
            schema.setdefault("additionalProperties", False)
    return found


def fuzz(examples: Mapping[str, int], *, seed: int, world: Any, tally: Tally) -> None:
    """Ask every operation so many times as each caller. Nothing that is asked for stays in the database."""
    import schemathesis  # noqa: PLC0415 - takes a second
    from django.core.signals import request_finished, request_started  # noqa: PLC0415
    from django.core.wsgi import get_wsgi_application  # noqa: PLC0415
    from django.db import close_old_connections  # noqa: PLC0415

    from django_ppx.api.openapi import describe  # noqa: PLC0415
    from django_ppx.api.urls import V1  # noqa: PLC0415

    application = get_wsgi_application()

    def counted(environ: Any, start_response: Any) -> Any:
        tally.requests[tally_name[0]] += 1
        return application(environ, start_response)

    schemathesis.serializer("application/offset+octet-stream")(_as_bytes)
    tally_name = [""]
    schema = schemathesis.openapi.from_dict(strict(describe(V1, base="/ppx/api/v1")))
    schema.app = counted
    operations = [found.ok() for found in schema.get_all_operations()]
    real = [_real_args(operation, world) for operation in operations]
    for caller, headers in callers(world).items():
        tally_name[0] = caller
        for signal in (request_started, request_finished):
            signal.disconnect(close_old_connections)  # as Django's test client does
        for operation, args in zip(operations, real, strict=True):
            is_theirs = SCHEME[caller] in operation.definition.raw["security"][0]
            count = examples[caller] if is_theirs else examples[caller] // 10
            if count:
                _ask(operation, headers, args, tally, seed=seed, examples=count)


def _as_bytes(context: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else getattr(value, "data", str(value).encode())


def callers(world: Any) -> dict[str, dict[str, str]]:
    """Return the headers of each caller."""
    from django.contrib.auth.models import User  # noqa: PLC0415

    from tests.api.world import logged_in  # noqa: PLC0415

    client = logged_in(User.objects.create_superuser(f"fuzzing{world.suffix}"))
    session = client.cookies["sessionid"].value
    csrf = "a" * 32
    return {
        "token": world.token("A"),
        "key": world.key(),
        "staff": {"Cookie": f"sessionid={session}; csrftoken={csrf}", "X-CSRFToken": csrf},
    }


def _ask(
    operation: Any,
    headers: dict[str, str],
    real: dict[str, Any],
    tally: Tally,
    *,
    seed: int,
    examples: int,
) -> None:
    from hypothesis.errors import Unsatisfiable  # noqa: PLC0415
    from schemathesis import GenerationMode  # noqa: PLC0415

    def ask_allowed(case: Any, is_real: bool) -> None:
        if is_real:
            case.path_parameters.update(real)
        _call(case, headers, tally)

    def ask_forbidden(case: Any, is_real: bool) -> None:
        _call(case, headers, tally)

    strategy, count = operation.as_strategy, max(1, examples // 2)
    try:
        _generate(ask_allowed, strategy(GenerationMode.POSITIVE), seed=seed, examples=count)
        _generate(ask_forbidden, strategy(GenerationMode.NEGATIVE), seed=seed, examples=count)
    except Unsatisfiable:  # nothing can be forbidden where nothing is sent
        return


def _generate(work: Callable[..., None], strategy: Any, *, seed: int, examples: int) -> None:
    from hypothesis import HealthCheck, Phase, given, settings  # noqa: PLC0415
    from hypothesis import seed as seeded  # noqa: PLC0415
    from hypothesis import strategies as st  # noqa: PLC0415

    config = settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    seeded(seed)(config(given(case=strategy, is_real=st.booleans())(work)))()


def _real_args(operation: Any, world: Any) -> dict[str, Any]:
    from tests.api.world import QUESTIONS  # noqa: PLC0415

    name = f"{operation.method.upper()} {operation.path.lstrip('/').replace('{id}', '{pk}')}"
    args = QUESTIONS[name](world).args
    return {("id" if key == "pk" else key): value for key, value in args.items()}


def _call(case: Any, headers: dict[str, str], tally: Tally) -> None:
    from django.db import transaction  # noqa: PLC0415
    from schemathesis.core.failures import FailureGroup  # noqa: PLC0415

    case.headers = {
        name: value for name, value in (case.headers or {}).items() if name.lower() != "host"
    }  # that one is the host's middleware's to judge, in its own words
    with transaction.atomic():
        try:
            response = case.call(headers=headers)
            tally.statuses[response.status_code] += 1
            case.validate_response(response, checks=_checks(), headers=headers)
        except (Exception, FailureGroup) as error:
            label = f"{case.operation.method.upper()} {case.operation.path}"
            each = [one for one in getattr(error, "exceptions", (error,)) if not _is_meant(one)]
            if each:
                names = ", ".join(type(one).__name__ for one in each)
                text = "\n".join(str(one) for one in each)
                tally.failures.setdefault(
                    f"{label}: {names}", f"{text}\n{case.as_curl_command()}"[:2000]
                )
        finally:
            transaction.set_rollback(True)


def _is_meant(error: BaseException) -> bool:
    """Return whether it is our answer to the number of an order that is not the session's: there is no such order."""
    return type(error).__name__ == "IgnoredAuth" and "404 Not Found" in str(error)


def _checks() -> list[Callable[..., Any]]:
    from schemathesis.checks import not_a_server_error  # noqa: PLC0415
    from schemathesis.specs.openapi import checks  # noqa: PLC0415

    return [
        not_a_server_error,
        checks.content_type_conformance,
        checks.ignored_auth,
        checks.negative_data_rejection,
        checks.response_headers_conformance,
        checks.response_schema_conformance,
        checks.status_code_conformance,
    ]


def main(least: int) -> int:
    """Ask until `least` requests were sent, print what came of it, and return how much went wrong."""
    from django.conf import settings  # noqa: PLC0415
    from django.db import transaction  # noqa: PLC0415
    from django.test.utils import setup_databases, setup_test_environment  # noqa: PLC0415

    from tests.api.world import World  # noqa: PLC0415

    setup_test_environment()
    setup_databases(verbosity=0, interactive=False)
    tally, round_number = Tally(), 0
    while tally.count < least:
        with transaction.atomic():
            world = World(settings)
            fuzz(ASKED, seed=round_number, world=world, tally=tally)
            transaction.set_rollback(True)
        round_number += 1
        print(f"{tally.count} requests, {len(tally.failures)} failures", flush=True)
    print("by caller: ", dict(tally.requests))
    print("by status: ", dict(sorted(tally.statuses.items())))
    for name, text in tally.failures.items():
        print(f"\n=== {name}\n{text}")
    return len(tally.failures)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    sys.exit(bool(main(int(sys.argv[1]))))
