"""The commands of docs/ugc.md, run against a server as they stand there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.db import connection

from django_ppx.testing import make_purchase, make_ugc_offer, order_token
from django_ppx.testing.ugc import photo
from django_ppx.ugc.models import UGCSubmission
from tests.ugc.movie_files import movie

DOCS = Path(__file__).parents[2] / "docs" / "ugc.md"


def commands() -> list[str]:
    """Return the lines of the shell in the section, each whole."""
    section = DOCS.read_text(encoding="utf-8").partition("## Through the API")[2]
    blocks = re.findall(
        r"^```sh\n(.*?)^```", section.partition("\n## ")[0], re.DOTALL | re.MULTILINE
    )
    lines = re.sub(r"\\\n\s*", "", "".join(blocks))
    return re.findall(r"^(?:curl|head)[^\n]*(?:\n {2,}[^\n]*)*", lines, re.MULTILINE)


def files_in(folder: Path) -> None:
    film = movie(in_moov=b"")
    rest = 20_000_000 - len(film)
    (folder / "film.mp4").write_bytes(film + rest.to_bytes(4, "big") + b"free" + bytes(rest - 8))
    (folder / "photo.jpg").write_bytes(photo().read())


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl here")
@pytest.mark.django_db(transaction=True)
def test_the_commands_of_the_page_work(live_server, tmp_path, settings) -> None:
    settings.STORAGES = {**settings.STORAGES}
    make_ugc_offer(slug="mornings")
    files_in(tmp_path)
    known = {
        **os.environ,
        "API": f"{live_server.url}/ppx/api/v1",
        "TOKEN": order_token(make_purchase().order_ref),
    }
    states = []
    all_commands = commands()
    for number, command in enumerate(all_commands):
        options = "curl -sS --fail-with-body -o answer.json"
        run = command.replace("curl", options, 1)
        done = subprocess.run(
            run, shell=True, cwd=tmp_path, env=known, capture_output=True, text=True, check=False
        )
        answered = (tmp_path / "answer.json").read_text()
        assert done.returncode == 0, (number, command, done.stderr, answered)
        answer = json.loads(answered or "{}")
        (tmp_path / "answer.json").write_text("")
        if "results" in answer:
            known["MARK"] = answer["results"][0]["licence"]["mark"]
        elif "offset" in answer:
            known["UPLOAD"] = answer["id"]
            states.append(answer["offset"])
        elif "state" in answer:
            known["ID"] = answer["id"]
            states.append(answer["state"])
        elif "key" in answer:
            known["KEY"] = answer["key"]
            # The page takes the file out again; another one is there to be sent.
            states.append(answer["type"])
            extra = photo().read()
            (tmp_path / "photo.jpg").write_bytes(extra)
            subprocess.run(run, shell=True, cwd=tmp_path, env=known, check=True)
    connection.close()

    assert len(all_commands) == 8
    assert states == ["draft", "photo", 0, 8_000_000, "waiting", "withdrawn"]
    assert UGCSubmission.objects.get().status == "withdrawn"
