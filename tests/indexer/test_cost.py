"""How often a run asks the catalogue, where folders and failures are many."""

from __future__ import annotations

from pathlib import Path

from search.errors import Reason
from search.records import Failure
from tests.pictures import set_age, write_picture
from tests.statements import counted

from .album import Album, counts

RAW = 2000


def with_something_new(album: Album, folder: Path, roots: int) -> int:
    """Statements of a sync of so many folders that have a new picture each."""
    folders = [folder / f"{roots}-{number}" for number in range(roots)]
    for number, each in enumerate(folders):
        write_picture(each / "old.png", roots * 1000 + number)
    album.add(*folders)
    for number, each in enumerate(folders):
        write_picture(each / "new.png", roots * 1000 + 500 + number)
    with counted() as asked:
        assert album.run(album.sources_of(folders)).added == roots
    return asked.statements


def test_folders_with_something_new_do_not_read_each_other(album: Album, tmp_path: Path) -> None:
    few, many = with_something_new(album, tmp_path, 3), with_something_new(album, tmp_path, 12)
    assert many / 12 <= few / 3 + 1


def test_an_unchanged_folder_costs_few_questions_however_many_pictures_it_has(album: Album) -> None:
    def questions() -> int:
        with counted() as asked:
            album.add()
        return asked.statements

    album.picture("0.png", 0)
    album.add()
    for path in album.folder.iterdir():
        set_age(path, 3600)
    album.add()
    few = questions()
    for seed in range(1, 40):
        set_age(album.picture(f"{seed}.png", seed), 3600)
    album.add()
    assert questions() == few <= 25


def test_many_refused_files_are_written_in_bulk_and_let_other_writers_in_between(
    album: Album,
) -> None:
    for number in range(RAW):
        (album.folder / f"{number}.CR2").write_bytes(b"II*")
    with counted() as asked:
        assert counts(album.add()) == {"skipped": RAW}
    assert asked.commits >= 4
    assert asked.statements < RAW / 20
    assert {failure.attempts for failure in album.store.failures.all()} == {1}
    assert counts(album.add()) == {"skipped": RAW}


def test_attempts_are_counted_for_each_of_many(album: Album) -> None:
    root = album.store.roots.ensure("default", b"/photos", 1)
    paths = [b"%d.jpg" % number for number in range(2500)]
    failed = [(path, Failure(b"/photos/" + path, Reason.CORRUPT, "")) for path in paths]
    album.store.failures.record(root, failed[:1500])
    album.store.failures.record(root, failed)
    told = {failure.path: failure.attempts for failure in album.store.failures.all()}
    assert told == {
        b"/photos/" + path: 2 if number < 1500 else 1 for number, path in enumerate(paths)
    }
