"""Shards are read as img2dataset and WebDataset write them."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from training.shards import Sample, read_samples, read_shard, write_shard

from .conftest import captioned, labelled


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    samples = [labelled(i) for i in range(3)]
    assert write_shard(tmp_path / "a.tar", samples) == 3
    assert read_shard(tmp_path / "a.tar") == samples


def test_a_picture_without_its_json_is_left_out(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as tar:
        for name in ("one.jpg", "two.jpg", "two.json"):
            content = b"{}" if name.endswith("json") else b"..."
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    assert read_shard(tmp_path / "a.tar.gz") == [Sample("two", b"...", {"source": tmp_path.name})]


def test_img2datasets_one_caption_is_read_and_the_folder_is_its_source(tmp_path: Path) -> None:
    sample = Sample(
        "000000001", b"...", {"caption": "a red mug", "url": "...", "status": "success"}
    )
    write_shard(tmp_path / "laion" / "00000.tar", [sample])
    (read,) = read_shard(tmp_path / "laion" / "00000.tar")
    assert (read.meta["source"], read.meta["captions"]) == ("laion", ["a red mug"])


def test_folders_and_files_are_read_by_name_without_the_keys_that_are_kept_apart(
    shards: Path,
) -> None:
    keys = [s.key for s in read_samples([shards], frozenset(["mug_000", "wall_011"]))]
    assert keys[0] == "mug_001"
    assert keys[-1] == "wall_010"
    assert len(keys) == 22


def test_a_samples_texts_survive_in_chinese(tmp_path: Path) -> None:
    write_shard(tmp_path / "a.tar", [captioned(0)])
    assert read_shard(tmp_path / "a.tar")[0].meta["captions_zh"] == ["一面红色的墙"]


def test_one_text_where_many_may_be_is_a_list_of_one(tmp_path: Path) -> None:
    told = {"captions": "a mug", "attributes": "red", "label": None}
    write_shard(tmp_path / "a.tar", [Sample("a", b"...", told)])
    (read,) = read_shard(tmp_path / "a.tar")
    assert (read.meta["captions"], read.meta["attributes"]) == (["a mug"], ["red"])


@pytest.mark.parametrize("meta", [{"label": 7}, {"title": ["a"]}, {"captions": ["a", None]}])
def test_what_should_be_text_and_is_not_is_named(meta: dict[str, object], tmp_path: Path) -> None:
    write_shard(tmp_path / "a.tar", [Sample("mug 17", b"...", meta)])
    with pytest.raises(ValueError, match="mug 17: its"):
        read_shard(tmp_path / "a.tar")


def test_places_without_shards_and_files_that_are_none_are_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nowhere"):
        list(read_samples([tmp_path / "nowhere"]))
    (tmp_path / "a.tar").write_bytes(b"")
    with pytest.raises(ValueError, match=r"a\.tar is no whole tar"):
        list(read_samples([tmp_path]))
