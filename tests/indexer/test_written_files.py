"""What a command writes for a person: whole or not at all, and over nothing that must stay."""

from __future__ import annotations

import os
from pathlib import Path

import click
import pytest

from indexer.written_files import new_file
from tests.pictures import jpeg
from tests.web.library import fruit_library


def written(path: Path, text: str) -> str:
    with new_file(path, path.parent / "library") as file:
        assert file
        file.write(text)
    return path.read_text()


def half_written(path: Path, failure: type[BaseException]) -> None:
    with new_file(path, None) as file:
        assert file
        file.write("half")
        raise failure


def test_a_former_file_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    report.write_text("former")
    report.chmod(0o640)
    with new_file(report, None) as file:
        assert file
        file.write("new")
        file.flush()
        assert report.read_text() == "former"
    assert report.read_text() == "new"
    assert report.stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["report.html"]


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_failure_leaves_the_former_file(tmp_path: Path, failure: type[BaseException]) -> None:
    report = tmp_path / "report.html"
    report.write_text("former")
    with pytest.raises(failure):
        half_written(report, failure)
    assert report.read_text() == "former"
    assert os.listdir(tmp_path) == ["report.html"]


def test_a_link_goes_on_leading_to_what_was_written(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    link = tmp_path / "table.csv"
    link.symlink_to("there/table.csv")
    assert written(link, "first") == "first"
    assert written(link, "second") == "second"
    assert link.is_symlink()
    assert os.listdir(tmp_path / "there") == ["table.csv"]


def test_a_device_is_written_to_itself() -> None:
    with new_file(Path(os.devnull), None) as file:
        assert file
        file.write("nothing")
    assert not Path(os.devnull).is_file()


def test_what_is_read_is_not_written_to(tmp_path: Path) -> None:
    table, other = tmp_path / "q.csv", tmp_path / "link.csv"
    table.write_text("query,file\n")
    other.symlink_to(table)
    with pytest.raises(click.UsageError, match="what is read"), new_file(other, None, None, table):
        pass
    assert table.read_text() == "query,file\n"


def test_a_picture_is_never_written_over(tmp_path: Path) -> None:
    picture = tmp_path / "photo.jpg"
    picture.write_bytes(jpeg((200, 30, 30)))
    with pytest.raises(click.UsageError, match="is a picture"), new_file(picture, None):
        pass
    assert picture.read_bytes() == jpeg((200, 30, 30))


def test_a_library_is_never_written_over(tmp_path: Path) -> None:
    library = fruit_library(tmp_path)
    catalogue = (library / "catalog.db").read_bytes()
    for name in ("catalog.db", "config.toml", "synonyms.txt", "lock"):
        with (
            pytest.raises(click.UsageError, match="file of a library"),
            new_file(library / name, None),
        ):
            pass
    (tmp_path / "copy.db").write_bytes(catalogue)
    with (
        pytest.raises(click.UsageError, match="is a database"),
        new_file(tmp_path / "copy.db", None),
    ):
        pass
    with pytest.raises(click.UsageError), new_file(tmp_path / "config.toml", tmp_path):
        pass
    assert (library / "catalog.db").read_bytes() == catalogue
    assert written(library / "report.html", "here") == "here"


def test_where_nothing_can_be_written_is_said_before_the_work(tmp_path: Path) -> None:
    with (
        pytest.raises(click.UsageError, match="No such file"),
        new_file(tmp_path / "a/b.csv", None),
    ):
        pass
