"""`indexer eval` from the command line, with the embedded model."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.indexer.conftest import Indexer
from tests.pictures import jpeg

pytestmark = pytest.mark.torch


def test_a_table_of_what_should_be_found_is_evaluated(indexer: Indexer, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for name, colour in {"red": (220, 30, 30), "blue": (30, 60, 220)}.items():
        (photos / f"{name}.jpg").write_bytes(jpeg(colour))
    indexer("add", str(photos), "--no-captions")
    table, page = tmp_path / "q.csv", tmp_path / "report.html"
    table.write_text("query,file\nred,red.jpg\nblue,photos/blue.jpg\ngreen,green.jpg\n")
    ran = indexer("eval", "--queries", str(table), "--report", str(page), "--json")
    assert ran.code == 0, ran.err
    errors = [line for line in ran.lines if line["message_type"] == "error"]
    assert [(e["code"], e["line"]) for e in errors] == [("not_in_library", 4)]
    told = ran.summary
    assert (told["images"], told["queries"], told["unusable"], told["source"]) == (2, 2, 1, "q.csv")
    assert [run["evidence"] for run in told["runs"]] == ["all", "image"]  # nobody wrote captions
    first = told["runs"][0]
    assert first["recall@1"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert first["p50_ms"] > 0
    assert told["index"][0]["recall@10"]["value"] == 1.0
    assert (told["worst"], told["report"]) == ([], str(page))
    assert page.read_text().startswith("<!doctype html>")
    judged = table.read_bytes()
    over = indexer("eval", "--queries", str(table), "--report", str(table))
    assert (over.code, table.read_bytes()) == (2, judged)
    assert "q.csv is what is read here" in over.err
    words = indexer("eval", "--queries", str(table))
    assert "all together  R@1 1.00" in words.out
    assert "line 4: green.jpg is not in the library" in words.err
    alone = indexer("eval")
    assert alone.code == 0
    assert "give --queries FILE" in alone.err
