"""Commands that need no model: what they say, and what they leave with."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from indexer.scan import UNTRUSTED_NS
from search.errors import Reason
from search.images import LocalDecoder
from search.locks import run_lock
from search.records import Caption, EncoderInfo, Failure, FileStamp, NewImage
from search.settings import Settings
from search.store import Store
from tests.pictures import encoded, plain
from tests.vectors import unit

from .conftest import Indexer

ENCODER = EncoderInfo("fake", 8, "fake-1")


@pytest.fixture
def photos(tmp_path: Path, settings: Settings) -> Path:
    """Two indexed pictures and a file that failed."""
    folder = tmp_path / "photos"
    folder.mkdir()
    with Store.create(settings) as store:
        root = store.roots.ensure("default", bytes(folder), folder.stat().st_dev)
        for seed, name in enumerate(("red.png", "gr\u00fcn.png")):
            data = encoded(plain((200 - 150 * seed, 150 * seed, 0), 40, 30))
            (folder / name).write_bytes(data)
            decoded = LocalDecoder().decode(data, [], uri=name)
            words = Caption(f"picture {seed}", "en", "fake")
            new = NewImage(decoded, unit(seed), words, unit(seed + 9))
            about = (folder / name).stat()
            stamp = FileStamp(about.st_size, about.st_mtime_ns)
            store.images.add(root, ENCODER, [(name.encode(), stamp, new)])
        failed = Failure(bytes(folder / "bad\n.jpg"), Reason.CORRUPT, "no end")
        store.failures.record(root, [(b"bad\n.jpg", failed)])
        store.encoders.bind(ENCODER, "fake")
    return folder


def test_without_a_library_every_command_says_how_to_make_one(indexer: Indexer) -> None:
    for name in ("status", "skipped", "sync", "doctor", "export"):
        ran = indexer(name, "--json")
        assert (name, ran.code) == (name, 10)
        assert "indexer add" in ran.err
        assert ran.summary["ok"] is False


def test_an_unknown_option_is_a_usage_error(indexer: Indexer) -> None:
    ran = indexer("status", "--jsonn")
    assert ran.code == 2
    assert "--json" in ran.err


@pytest.mark.usefixtures("photos")
def test_status_counts(indexer: Indexer) -> None:
    told = indexer("status", "--json").summary
    expected = {"images": 2, "locations": 2, "skipped": 1, "captions": 2, "model": "fake"}
    assert expected.items() <= told.items()
    assert told["collections"] == {"default": 2}
    assert "images       2" in indexer("status").out


@pytest.mark.usefixtures("photos")
def test_shared_options_stand_before_or_after_the_name(indexer: Indexer, tmp_path: Path) -> None:
    assert indexer("--json", "status").summary["images"] == 2
    assert indexer("status", "--library", str(tmp_path / "none")).code == 10
    assert indexer("--library", str(tmp_path / "none"), "status").code == 10


@pytest.mark.usefixtures("photos")
def test_skipped_names_file_and_reason_on_one_line(indexer: Indexer) -> None:
    ran = indexer("skipped", "--json")
    assert ran.lines[0]["reason"] == "corrupt"
    assert ran.lines[0]["path"].endswith("bad\n.jpg")
    assert ran.summary["skipped"] == 1
    assert "bad\\n.jpg" in indexer("skipped").out


def test_export_tells_all_about_each_image(indexer: Indexer, photos: Path) -> None:
    ran = indexer("export", "--vectors", "--json")
    first = ran.lines[0]
    assert first["path"] == str(photos / "red.png")
    assert first["locations"] == [first["path"]]
    assert (first["caption"], first["width"], first["height"]) == ("picture 0", 40, 30)
    assert first["vectors"]["image"] == pytest.approx(unit(0).tolist(), abs=1e-3)
    assert ran.summary["exported"] == 2


def test_remove_by_path_and_by_id_keeps_the_files(indexer: Indexer, photos: Path) -> None:
    first = indexer("export", "--json").lines[0]["id"]
    assert indexer("remove", str(photos / "gr\u00fcn.png"), "--json").summary["removed"] == 1
    assert indexer("remove", str(first), "--dry-run", "--json").summary["removed"] == 0
    assert indexer("remove", str(first), "--json").summary["removed"] == 1
    assert indexer("status", "--json").summary["images"] == 0
    assert len(list(photos.iterdir())) == 2
    for number in ("999", "9" * 30):
        ran = indexer("remove", number)
        assert (ran.code, "Traceback" in ran.err) == (1, False)


def test_doctor_agrees_and_then_finds_what_was_broken(
    indexer: Indexer, photos: Path, settings: Settings
) -> None:
    assert indexer("doctor", "--deep", "--json").summary["problems"] == 0
    (photos / "red.png").unlink()
    ran = indexer("doctor", "--json")
    assert (ran.code, ran.lines[0]["code"]) == (1, "file_missing")
    with sqlite3.connect(settings.library / "catalog.db") as connection:
        connection.execute("UPDATE embedding SET vector = zeroblob(16)")
    assert indexer("doctor", "--deep").code == 13


def test_doctor_makes_a_missing_thumbnail_again(
    indexer: Indexer, photos: Path, settings: Settings
) -> None:
    thumbnail = next((settings.library / "thumbs").rglob("*.jpg"))
    before = thumbnail.read_bytes()
    thumbnail.unlink()
    assert indexer("doctor", "--json").lines[0]["code"] == "thumbnail_missing"
    assert indexer("doctor", "--repair", "--json").summary["ok"] is True
    assert thumbnail.read_bytes() == before


@pytest.mark.usefixtures("photos")
def test_one_damaged_row_costs_that_picture_and_not_the_catalogue(
    indexer: Indexer, settings: Settings
) -> None:
    with sqlite3.connect(settings.library / "catalog.db") as connection:
        connection.execute("UPDATE image SET width = 41 WHERE id = 1")
    ran = indexer("doctor", "--json")
    assert (ran.code, ran.summary["ok"]) == (13, False)
    ran = indexer("doctor", "--repair", "--json")
    assert (ran.code, ran.summary["ok"]) == (3, False)
    assert ran.summary["lost"]["image"] == 1
    assert "set_aside" not in ran.summary
    assert indexer("doctor").code == 0
    assert indexer("status", "--json").summary["images"] == 1


def test_doctor_agrees_after_a_removal_and_on_files_just_written(
    indexer: Indexer, photos: Path, settings: Settings
) -> None:
    with Store.open(settings) as store:
        root = store.roots.all()[0]
        size = (photos / "red.png").stat().st_size
        known = store.files.known(root)[b"red.png"]
        store.files.restamp([(known.location_id, FileStamp(size, UNTRUSTED_NS))])
    assert indexer("doctor").code == 0
    assert indexer("remove", str(photos / "red.png")).code == 0
    assert indexer("doctor").code == 0


@pytest.mark.usefixtures("photos")
def test_an_unreadable_catalogue_is_set_aside_and_never_deleted(
    indexer: Indexer, settings: Settings
) -> None:
    for name in ("catalog.db-wal", "catalog.db-shm"):
        (settings.library / name).unlink(missing_ok=True)
    (settings.library / "catalog.db").write_bytes(b"garbage" * 5000)
    assert indexer("status").code == 13
    ran = indexer("doctor", "--repair", "--json")
    assert (ran.code, ran.summary["ok"], ran.summary["lost"]) == (3, False, {"catalogue": 1})
    kept = Path(ran.summary["set_aside"]) / "catalog.db"
    assert kept.read_bytes().startswith(b"garbage")
    assert indexer("status", "--json").summary["images"] == 0


@pytest.mark.usefixtures("photos")
def test_a_locked_library_says_who_holds_it(indexer: Indexer, settings: Settings) -> None:
    with run_lock(settings.library, "add"):
        ran = indexer("remove", "1")
    assert ran.code == 11
    assert "indexer add" in ran.err


def test_models_are_listed_with_their_licence(indexer: Indexer) -> None:
    ran = indexer("models", "--json")
    models = ran.summary["models"]
    assert models[0]["name"] == "embedded"
    assert all(model["licence"] for model in models)
    assert all(model["name"] in indexer("models").out for model in models[:2])


def test_a_setting_that_is_none_is_named(indexer: Indexer, settings: Settings) -> None:
    settings.library.mkdir()
    (settings.library / "config.toml").write_text("batchsize = 3\n")
    ran = indexer("status", "--json")
    assert ran.code == 2
    assert "batchsize" in json.loads(ran.out.splitlines()[0])["message"]
