"""The whole road with nothing faked: command line, embedded model, HTTP server, real files."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.indexer.warm import Warm
from tests.pictures import encoded, plain

pytestmark = pytest.mark.torch
DISPOSITION = "Content-Disposition: form-data"
FRESH_SECONDS = 2.0  # in which a server finds what another process has stored


@dataclass
class World:
    """A library, its photos, and a server."""

    library: Path
    photos: Path
    url: str
    warm: Warm

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`indexer ARGUMENTS` with this library."""
        environment = os.environ | {"POMONA_LIBRARY": str(self.library)}
        code, out, err = self.warm.run(arguments, Path.cwd(), environment)
        return subprocess.CompletedProcess(arguments, code, out, err)

    def type(self, line: str) -> subprocess.CompletedProcess[str]:
        """A line of a shell: bash reads it, for `indexer` too."""
        line = line.replace("http://127.0.0.1:8765", self.url)
        ran = subprocess.run(
            ["bash", "-c", f"indexer() {{ printf '%s\\0' \"$@\"; }}; {line}"],
            env=os.environ | {"POMONA_LIBRARY": str(self.library)},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        return self.run(*ran.stdout.split("\0")[:-1]) if line.startswith("indexer ") else ran

    def get(self, path: str, **parameters: Any) -> Any:
        query = urllib.parse.urlencode(parameters)
        with urllib.request.urlopen(f"{self.url}{path}?{query}", timeout=60) as answer:
            return json.load(answer)

    def post_picture(self, path: str, picture: bytes, **request: Any) -> Any:
        boundary = "b" * 20
        parts = [("image", 'filename="p.jpg"', picture)]
        if request:
            parts.append(("request", "", json.dumps(request).encode()))
        body = b"".join(
            f"--{boundary}\r\n{DISPOSITION}; name={name}; {rest}\r\n\r\n".encode() + data + b"\r\n"
            for name, rest, data in parts
        )
        asked = urllib.request.Request(
            self.url + path,
            data=body + f"--{boundary}--\r\n".encode(),
            headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
        )
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return json.load(answer)

    def first(self, words: str) -> str:
        return str(self.get("/api/v1/search", q=words, relevance="any")["hits"][0]["path"])


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, warm: Warm) -> Iterator[World]:
    library = tmp_path_factory.mktemp("world") / "library"
    world = World(library, library / "photos", "", warm)
    arguments = [sys.executable, "-m", "indexer", "--library", str(world.library)]
    server = subprocess.Popen(
        [*arguments, "demo", "--port", "0", "--json"], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    said = map(json.loads, server.stdout)
    world.url = next(line["url"] for line in said if line.get("stage") == "serving")
    _wait_until_ready(world)
    yield world
    server.send_signal(signal.SIGTERM)
    server.stdout.read()
    server.wait(30)
    assert not (world.library / "server.json").exists()


def _wait_until_ready(world: World) -> None:
    for _ in range(300):
        try:
            world.get("/readyz")
            return
        except OSError:
            time.sleep(0.2)
    pytest.fail("the server never became ready")


def test_every_drawn_file_is_in_one_count(world: World) -> None:
    again = json.loads(world.run("add", str(world.photos), "--json").stdout.splitlines()[-1])
    shown = (path for path in world.photos.rglob("*") if not path.name.startswith("."))
    files = sum(1 for path in shown if path.is_file())
    assert again["found"] == again["unchanged"] == files
    assert again["added"] == again["skipped"] == 0


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("red apple", "red-apple"),
        ("green apple", "green-apple"),
        ("blue mug", "blue-mug"),
        ("红色苹果", "red-apple"),
    ],
)
def test_the_right_picture_comes_first(world: World, words: str, name: str) -> None:
    assert name in world.first(words)


def test_a_picture_finds_itself_and_is_described(world: World) -> None:
    picture = next(world.photos.rglob("blue-mug*"))
    found = world.post_picture("/api/v1/search", picture.read_bytes(), relevance="any")
    assert found["hits"][0]["path"] == str(picture.relative_to(world.photos))
    told = world.post_picture("/api/v1/describe", picture.read_bytes())
    assert told["caption"]
    assert told["tags"]
    assert told["nearest"][0]["path"] == str(picture.relative_to(world.photos))


def test_the_readme_shows_commands_that_run_on_the_sample(world: World) -> None:
    lines = [
        line
        for line in _readme("sh", "First search", "From a program").splitlines()
        if line.startswith(("indexer ", "curl "))
    ]
    assert len(lines) >= 8
    for line in lines:
        ran = world.type(line)
        assert ran.returncode == 0, f"{line}: {ran.stderr}"
        shown = ("a bus",) if line.startswith("indexer rank ") else (".jpg", ".png", ".webp")
        assert any(name in ran.stdout for name in shown), line
        assert '"hits":[]' not in ran.stdout, line


def test_the_readme_shows_python_that_runs_on_the_sample(world: World) -> None:
    program = _readme("python", "From a program").replace(
        "~/.local/share/pomona-demo", str(world.library)
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=300, check=False
    )
    assert ran.returncode == 0, ran.stderr
    first = ran.stdout.splitlines()[0]
    assert first.startswith("1 ")
    assert " strong " in first
    assert "red-apple" in first


def _readme(kind: str, *sections: str) -> str:
    """The README's examples of a kind in these sections, with continued lines joined."""
    text = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    shown = [part for part in text.split("\n## ") if part.startswith(sections)]
    blocks = [re.findall(rf"^```{kind}$(.*?)^```$", part, re.M | re.S) for part in shown]
    return "\n".join(itertools.chain(*blocks)).replace("\\\n", " ")


def test_the_command_line_asks_the_running_server(world: World) -> None:
    asked = ["--library", str(world.library), "search", "red apple", "--json"]
    ran = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "indexer", *asked],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert "|torch\n" not in ran.stderr.replace(" ", "")
    lines = ran.stdout.splitlines()
    hit = json.loads(lines[0])
    assert Path(hit["path"]).is_absolute()
    assert "red-apple" in hit["path"]
    assert json.loads(lines[-1])["message_type"] == "summary"


def test_what_is_added_is_found_by_the_running_server_at_once(world: World) -> None:
    magenta = encoded(plain((250, 0, 250), 300, 200))
    (world.photos / "magenta.png").write_bytes(magenta)
    assert world.run("add", str(world.photos)).returncode == 0
    began = time.monotonic()
    while time.monotonic() - began < FRESH_SECONDS:
        found = world.post_picture("/api/v1/search", magenta, relevance="any")
        if found["hits"][0]["path"] == "magenta.png":
            break
    else:
        pytest.fail("the new picture was not found in time")
    (world.photos / "magenta.png").unlink()
    assert world.run("sync").returncode == 0
    found = world.post_picture("/api/v1/search", magenta, relevance="any")
    assert found["hits"][0]["path"] != "magenta.png"


def test_real_photographs_are_found_moved_and_described(world: World, tmp_path: Path) -> None:
    data = pytest.importorskip("skimage.data")
    shipped = Path(data.__file__).parent
    album = tmp_path / "album"
    album.mkdir()
    for name in ("astronaut.png", "coffee.png", "chelsea.png", "rocket.jpg"):
        if (shipped / name).exists():
            shutil.copy(shipped / name, album / name)
    names = sorted(os.listdir(album))
    assert len(names) >= 3, "scikit-image ships fewer photographs than it did"
    own = World(tmp_path / "own", album, world.url, world.warm)
    assert own.run("add", str(album)).returncode == 0
    for name in names:
        lines = own.run("similar", str(album / name), "--all", "--json").stdout.splitlines()
        assert json.loads(lines[0])["path"] == str(album / name)
    (album / names[0]).rename(album / "renamed.png")
    moved = json.loads(own.run("add", str(album), "--json").stdout.splitlines()[-1])
    assert (moved["moved"], moved["added"]) == (1, 0)
    told = json.loads(own.run("describe", str(album / "renamed.png"), "--json").stdout)
    assert told["nearest"][0]["path"] == str(album / "renamed.png")
    assert json.loads(own.run("doctor", "--deep", "--json").stdout.splitlines()[-1])["ok"] is True
