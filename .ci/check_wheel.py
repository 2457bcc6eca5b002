"""Compare what the wheel holds with what the repository says it must hold."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import PurePosixPath

SHIPPED_FOLDERS = {"templates", "static"}


def is_shipped(path: PurePosixPath) -> bool:
    """Tell whether a tracked file of django_ppx belongs in the wheel."""
    if path.suffix in {".py", ".mo"} or path.name == "py.typed":
        return True
    return bool(SHIPPED_FOLDERS & set(path.parts))


def main(wheel: str) -> int:
    # New files count before they are committed; ignored ones do not.
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "django_ppx"],
        check=True,
        capture_output=True,
        text=True,
    )
    tracked = {name for name in listing.stdout.splitlines() if is_shipped(PurePosixPath(name))}
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}

    complaints = [f"not in the wheel: {name}" for name in sorted(tracked - held)]
    complaints += [f"must not be in the wheel: {name}" for name in sorted(held - tracked)]
    for kind, found in {
        "py.typed": "django_ppx/py.typed" in held,
        "a compiled German catalogue": "django_ppx/locale/de/LC_MESSAGES/django.mo" in held,
        "templates": any("/templates/django_ppx/" in name for name in held),
        "static files": any("/static/django_ppx/" in name for name in held),
        "a migration": "django_ppx/migrations/0001_initial.py" in held,
    }.items():
        if not found:
            complaints.append(f"the wheel has no {kind.removeprefix('a ')}")
    print("\n".join(complaints) or f"The wheel holds the {len(held)} files it should.")
    return bool(complaints)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
