"""Labels for pictures anywhere: by stored vectors, by decoding, or none of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click
import pytest

from indexer.classification import Classified, classify, stored_images
from indexer.labels import read_labels
from indexer.loose_pictures import pictures_at
from search.errors import NotFoundError, Reason
from search.records import Failure
from search.zeroshot import Classes, label_vectors
from tests.pictures import jpeg
from tests.readers import InProcessReader
from tests.web.library import ENCODER, WatchedEngine, fruit_library

from .conftest import Indexer


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[WatchedEngine]:
    with closing(WatchedEngine(fruit_library(tmp_path))) as engine:
        yield engine


def sorted_by(
    engine: WatchedEngine, labels: tuple[str, ...], *paths: Path
) -> tuple[dict[str, Classified], list[Failure], int]:
    """By file name; what was skipped; how many files were read."""
    engine.refresh()
    reader = InProcessReader()
    classes = Classes.of(engine.model, labels, label_vectors(ENCODER, labels))
    pictures, failures = pictures_at([bytes(path) for path in paths])
    batches = classify(engine.store, engine.model, classes, pictures, reader, engine.settings)
    made = [each for some in batches for each in some]
    found = {os.fsdecode(m.path).rpartition("/")[2]: m for m in made if isinstance(m, Classified)}
    return found, failures + [m for m in made if isinstance(m, Failure)], len(reader.tasks)


def test_pictures_of_the_library_use_their_vectors_and_others_are_read(
    engine: WatchedEngine, tmp_path: Path
) -> None:
    (tmp_path / "new.jpg").write_bytes(jpeg((30, 30, 210)))
    photos = tmp_path / "photos" / "fruit"
    found, failures, read = sorted_by(engine, ("red", "blue"), photos, tmp_path / "new.jpg")
    labels = {name: each.label and each.label.text for name, each in found.items()}
    assert labels == {"apple.jpg": "red", "cherry.jpg": "red", "green.jpg": None, "new.jpg": "blue"}
    assert (found["apple.jpg"].image_id, found["new.jpg"].image_id) == (1, None)
    assert (failures, read) == ([], 1)


def test_a_file_that_has_changed_since_is_read(engine: WatchedEngine, tmp_path: Path) -> None:
    apple = tmp_path / "photos" / "fruit" / "apple.jpg"
    apple.write_bytes(jpeg((20, 30, 200), (50, 50)))
    os.utime(apple, ns=(1, 1))
    found, _, read = sorted_by(engine, ("red", "blue"), apple)
    assert read == 1
    assert found["apple.jpg"].label
    assert found["apple.jpg"].label.text == "blue"
    pictures, _ = pictures_at([bytes(apple.parent)])
    assert sorted(stored_images(engine.store, engine.model, pictures).values()) == [2, 3]


def test_what_cannot_be_read_is_named_and_the_rest_goes_on(
    engine: WatchedEngine, tmp_path: Path
) -> None:
    (tmp_path / "broken.jpg").write_text("not a picture")
    (tmp_path / "blue.jpg").write_bytes(jpeg((20, 30, 200)))
    revision = engine.store.revision()
    found, failures, _ = sorted_by(
        engine, ("蓝",), tmp_path / "broken.jpg", tmp_path / "blue.jpg", tmp_path / "blue.jpg"
    )
    assert [(f.path, f.reason) for f in failures] == [
        (bytes(tmp_path / "broken.jpg"), Reason.NOT_AN_IMAGE)
    ]
    assert found["blue.jpg"].label
    assert found["blue.jpg"].label.text == "蓝"
    assert engine.store.revision() == revision


def test_a_path_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="Check the path"):
        pictures_at([bytes(tmp_path / "gone")])


def test_labels_come_from_a_list_and_a_file_each_once(tmp_path: Path) -> None:
    file = tmp_path / "labels.txt"
    file.write_text("\ufeffcat\n# pets\n red apple \n\n狗\n", "utf-8")
    assert read_labels("狗，猫、cat, ", file) == ("狗", "猫", "cat", "red apple")
    for listed in (None, " , ", "x" * 1001, "\ud800"):
        with pytest.raises(click.UsageError):
            read_labels(listed, None)


@pytest.mark.torch
def test_a_folder_is_sorted_from_the_command_line(indexer: Indexer, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "red.jpg").write_bytes(jpeg((200, 30, 30)))
    os.utime(photos / "red.jpg", (1, 1))  # a younger one might change unseen, and is read again
    indexer("add", str(photos), "--no-captions")
    (photos / "broken.jpg").write_text("no")
    labels, table = tmp_path / "labels.txt", tmp_path / "table.csv"
    labels.write_text("blue\n")
    ran = indexer("classify", "--labels", "red", "--labels-file", str(labels), "--csv", str(table),
                  str(photos), "--json")  # fmt: skip
    assert ran.code == 3, ran.err
    skipped, shown = [line for line in ran.lines if line["message_type"] == "file"][::-1]
    assert (skipped["reason"], shown["id"]) == ("not_an_image", 1)
    rows = table.read_text().splitlines()
    assert rows[0] == "file,label,probability,score,relevance,id"
    assert rows[1].startswith(f"{photos / 'red.jpg'},{shown['label'] or ''},")
    assert (ran.summary["skipped"], ran.summary["classified"] + ran.summary["none"]) == (1, 1)
    ranked = indexer("rank", str(photos / "red.jpg"), "red", "blue", "--json").summary
    assert [each["text"] for each in ranked["texts"]] == ["red", "blue"]
    assert indexer("classify", str(photos)).code == 2
