"""Where a setting comes from, and what is said of one that cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from search.errors import SettingsError
from search.settings import Settings, read_settings


def configured(library: Path, text: str) -> None:
    library.mkdir()
    (library / "config.toml").write_text(text)


def test_flags_come_before_variables_and_these_before_the_file(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured(settings.library, "batch_size = 1\nworkers = 1\ncommit_images = 1\n")
    monkeypatch.setenv("POMONA_BATCH_SIZE", "2")
    monkeypatch.setenv("POMONA_WORKERS", "2")
    read = read_settings(settings.library, batch_size=3, workers=None)
    assert (read.batch_size, read.workers, read.commit_images) == (3, 2, 1)
    assert read.decode_seconds == 60.0


def test_a_list_in_a_variable_is_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POMONA_ALLOWED_HOSTS", '["photos.lan", "other.lan"]')
    assert read_settings(tmp_path).allowed_hosts == ("photos.lan", "other.lan")
    monkeypatch.setenv("POMONA_ALLOWED_HOSTS", "photos.lan")
    with pytest.raises(SettingsError, match=r'allowed_hosts: .*such as \["photos.lan"\]'):
        read_settings(tmp_path)


def test_a_list_in_the_file_is_a_list(settings: Settings) -> None:
    configured(settings.library, 'allowed_hosts = ["photos.lan"]\n')
    assert read_settings(settings.library).allowed_hosts == ("photos.lan",)


@pytest.mark.parametrize(
    ("name", "value"), [("BATCH_SIZE", "0"), ("PRECISION", "float8"), ("WORKERS", "many")]
)
def test_a_variable_out_of_range_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"POMONA_{name}", value)
    with pytest.raises(SettingsError, match=f"settings: {name.lower()}: "):
        read_settings(tmp_path)


def test_an_unknown_name_in_the_file_is_named(settings: Settings) -> None:
    configured(settings.library, "batchsize = 3\n")
    with pytest.raises(SettingsError, match="settings: batchsize: "):
        read_settings(settings.library)


@pytest.mark.parametrize("text", [b"batch_size = ", b'model = "\xff"'])
def test_a_file_that_is_no_toml_is_named(settings: Settings, text: bytes) -> None:
    configured(settings.library, "")
    file = settings.library / "config.toml"
    file.write_bytes(text)
    with pytest.raises(SettingsError, match=str(file)):
        read_settings(settings.library)


def test_a_variable_that_is_no_setting_harms_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POMONA_FLIPS", "3")
    assert read_settings(tmp_path).library == tmp_path


def test_a_password_is_not_shown(tmp_path: Path) -> None:
    read = read_settings(tmp_path, database_url="postgresql://me:secret@host/db")
    assert "secret" not in repr(read)
