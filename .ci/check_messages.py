"""Say which texts of the package have no translation: collect them into a copy, then look.

The repository is left as it is; `make messages` writes to it. Needs gettext.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from babel.messages.pofile import read_po

REPOSITORY = Path(__file__).resolve().parent.parent
COPY = REPOSITORY / ".ci" / "work" / "messages" / "django_ppx"


def main() -> int:
    shutil.rmtree(COPY.parent, ignore_errors=True)
    shutil.copytree(
        REPOSITORY / "django_ppx", COPY, ignore=shutil.ignore_patterns("__pycache__", "*.mo")
    )
    subprocess.run(
        [sys.executable, "-m", "django", "makemessages", "--all", "--no-obsolete"],
        cwd=COPY,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": ""},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    catalogues = sorted(COPY.glob("locale/*/LC_MESSAGES/*.po"))
    missing = 0
    for path in catalogues:
        with path.open("rb") as file:
            for message in read_po(file):
                texts = [message.string] if isinstance(message.string, str) else message.string
                if message.id and (message.fuzzy or not all(texts)):
                    missing += 1
                    where = ", ".join(f"{name}:{line}" for name, line in message.locations[:2])
                    print(f"{path.relative_to(COPY)}: {message.id!r} ({where})")
    if not catalogues:
        print("There is no catalogue in django_ppx/locale.")
    elif missing:
        print(f"{missing} texts are new, changed or not translated; `make messages` collects them.")
    else:
        print("Every text of the package is translated.")
    return bool(missing or not catalogues)


if __name__ == "__main__":
    sys.exit(main())
