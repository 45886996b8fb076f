"""Weights that a disk has spoilt: of the right length, so that they load without a word."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import search
from search.settings import Settings
from search.store import Store
from tests.pictures import write_picture

pytest.importorskip("torch")
pytestmark = pytest.mark.torch

ROOT = Path(search.__file__).parent.parent


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    """A copy of the package whose weights have 200 KB of zeros."""
    shutil.copytree(ROOT / "search", tmp_path / "package" / "search")
    with (tmp_path / "package/search/embedded/model.safetensors").open("r+b") as weights:
        weights.seek(20_000_000)
        weights.write(bytes(200_000))
    return tmp_path / "package"


def test_no_library_is_made_with_damaged_weights(damaged: Path, settings: Settings) -> None:
    photos = settings.library.parent / "photos"
    write_picture(photos / "1.png", 1)
    ran = subprocess.run(
        [sys.executable, "-m", "indexer", "--library", settings.library, "add", photos],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (damaged, ROOT)))},
        cwd=damaged,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 12, ran.stderr
    assert f"{damaged}/search/embedded/model.safetensors is damaged" in ran.stderr
    assert "Install Pomona again" in ran.stderr
    assert "reindex" not in ran.stderr
    with Store.open(settings) as store:
        assert store.encoders.current() is None
