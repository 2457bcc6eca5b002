"""A host that calls us within its own transaction, as under `ATOMIC_REQUESTS`, and begins again when it has to."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Final

from django.contrib.auth.models import Group
from django.db import OperationalError, transaction

from django_ppx import codes
from django_ppx.core.retrying import is_conflict

_HOST_ATTEMPTS: Final = 200


def as_host(name: str, work: Callable[[], str]) -> str:
    """Return what `work` answers in a transaction of the host, which is begun again as often as it has to be."""
    for _attempt in range(_HOST_ATTEMPTS):
        try:
            with transaction.atomic():
                Group.objects.create(name=name)
                return work()
        except codes.Busy:
            pass
        except OperationalError as error:
            if not is_conflict(error):
                raise
        time.sleep(random.random() * 0.05)
    raise codes.Busy("The host has begun again often enough.")
