#!/usr/bin/env bash
# Build the sdist and, from it, the wheel; look inside; install the wheel alone into a new environment;
# start a bare project, add the app, migrate, render the tags: .ci/wheel.sh FOLDER_FOR_THE_WORK
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

REPOSITORY="$PWD"
WORK="$(realpath -m "$1")/wheel"
rm -rf "$WORK"
mkdir -p "$WORK"

"$REPOSITORY/.venv/bin/python" -m build --outdir "$WORK/dist" . >"$WORK/build.log" 2>&1 ||
    { tail -n 40 "$WORK/build.log"; exit 1; }
"$REPOSITORY/.venv/bin/python" .ci/check_wheel.py "$WORK"/dist/*.whl

# From here on nothing of the repository is on the path.
"$REPOSITORY/.venv/bin/python" -m venv "$WORK/venv"
"$WORK/venv/bin/python" -m pip install --quiet "$WORK"/dist/*.whl
cd "$WORK"
venv/bin/django-admin startproject bare
cp "$REPOSITORY"/.ci/bare_project/*.py bare/
cd bare
export DJANGO_SETTINGS_MODULE=with_ppx
../venv/bin/python -W error manage.py check --fail-level ERROR
../venv/bin/python -W error manage.py migrate --verbosity 0
../venv/bin/python -W error manage.py collectstatic --noinput --verbosity 0
../venv/bin/python -W error render.py
