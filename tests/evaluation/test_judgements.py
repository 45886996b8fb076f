"""Tables of what queries should find: read as people write them, and refused line by line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evaluation.judgements import Judged, Unusable, read_judgements
from evaluation.names import PictureNames
from search.errors import PomonaError
from search.settings import Settings
from search.store import Store
from tests.pictures import jpeg
from tests.web.library import Picture, fruit_library


class Names:
    """Knows a.jpg as 1, b.jpg as 2, and any id."""

    def find(self, kind: str, name: str) -> tuple[int, ...]:
        if kind == "id":
            return (int(name),)
        if kind == "sku":
            return (5, 6, 7)
        try:
            return ({"a.jpg": 1, "b.jpg": 2}[name],)
        except KeyError:
            raise LookupError(f"{name} is not in the library") from None


def read(folder: Path, text: str, name: str = "q.csv") -> tuple[list[Judged], list[Unusable]]:
    (folder / name).write_text(text, "utf-8")
    return read_judgements(folder / name, Names())


def test_lines_of_one_query_come_together_and_a_missing_grade_is_one(tmp_path: Path) -> None:
    judged, unusable = read(
        tmp_path, "query,file,grade\nred,a.jpg,3\n 红 ,b.jpg,\nred,b.jpg,0.5\nred,b.jpg,0\n"
    )
    assert judged == [Judged("red", {1: 3.0, 2: 0.5}), Judged("红", {2: 1.0})]
    assert unusable == []


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffQuery;File\nred;a.jpg\n",
        "text\tpath\nred\ta.jpg\n",
        'note,query,image\n"a, b",red,a.jpg\n',
        "q,id\nred,1\n",
        '{"query": "red", "file": "a.jpg"}\n\n',
        '{"query": "red", "file": ["a.jpg"], "grade": 1}\n',
    ],
)
def test_a_table_is_read_as_programs_write_it(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) == ([Judged("red", {1: 1.0})], [])


def test_a_product_stands_once_whichever_of_its_pictures_comes(tmp_path: Path) -> None:
    (judged,), _ = read(tmp_path, "query,sku\nred shirt,A-1\n")
    assert judged.right == {5}
    assert judged.answers([9, 7, 3, 5, 6]) == (9, 5, 3)


def test_what_is_no_use_is_named_by_its_line_and_the_rest_is_taken(tmp_path: Path) -> None:
    lines = ["query,file,grade", "red,c.jpg,1", ",a.jpg,1", "red,,1", "red,a.jpg,good",
             "red,a.jpg,-1", "red,a.jpg,nan", "x" * 1001 + ",a.jpg,1", "blue,a.jpg,0",
             "red,a.jpg,2"]  # fmt: skip
    judged, unusable = read(tmp_path, "\n".join(lines))
    assert judged == [Judged("red", {1: 2.0})]  # blue has nothing to find
    assert [(one.line, one.code) for one in unusable] == [
        (2, "not_in_library"),
        *((line, "bad_line") for line in (3, 4, 5, 6, 7, 8)),
    ]
    assert unusable[0].detail == "c.jpg is not in the library"
    assert "good" in unusable[3].detail


def test_lines_that_are_no_json_are_named(tmp_path: Path) -> None:
    rows = [json.dumps({"query": "red", "file": "a.jpg"}), "{", "[1]"]
    judged, unusable = read(tmp_path, "\n".join(rows), "q.jsonl")
    assert len(judged) == 1
    assert [one.line for one in unusable] == [2, 3]


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "query\nred\n"])
def test_a_table_without_the_columns_says_which_there_must_be(tmp_path: Path, text: str) -> None:
    with pytest.raises(PomonaError, match="`query` and `file`"):
        read(tmp_path, text)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_bytes(b"query,file\n\xff,a.jpg\n")
    with pytest.raises(PomonaError, match="UTF-8"):
        read_judgements(tmp_path / "q.csv", Names())


def test_pictures_are_named_by_paths_and_by_ids(tmp_path: Path) -> None:
    green = Picture("another", b"more/apple.jpg", jpeg((30, 200, 30), (20, 20)))
    library = fruit_library(tmp_path, [green])
    with Store.open(Settings(library=library)) as store:
        names = PictureNames(store, tmp_path / "photos")
        assert names.find("file", "fruit/green.jpg") == (2,)
        assert names.find("file", "green.jpg") == (2,)
        assert names.find("file", str(tmp_path / "photos/fruit/apple.jpg")) == (1,)
        assert names.find("file", "./fruit/apple.jpg") == (1,)
        assert names.find("file", "cherry.jpg") == (3,)  # three places of one image
        assert names.find("id", "4") == (4,)
        for kind, name, said in (
            ("file", "apple.jpg", "may be 2 pictures"),
            ("file", "pple.jpg", "not in the library"),
            ("sku", "A-1", "no picture of a product A-1"),
            ("id", "99", "no image 99"),
            ("id", "one", "no image one"),
        ):
            with pytest.raises(LookupError, match=said):
                names.find(kind, name)
