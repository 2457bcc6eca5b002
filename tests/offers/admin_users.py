"""Staff with exactly the permissions that a test names."""

from __future__ import annotations

from itertools import count

from django.contrib.auth.models import Permission, User
from django.test import Client

_numbers = count(1)


def staff_client(*permissions: str) -> Client:
    """Return the browser of a staff member who holds these permissions of ours and no others."""
    user = User.objects.create_user(f"staff{next(_numbers)}", is_staff=True)
    found = Permission.objects.filter(
        content_type__app_label="django_ppx", codename__in=permissions
    )
    assert {permission.codename for permission in found} == set(permissions)
    user.user_permissions.set(found)
    client = Client()
    client.force_login(user)
    return client
