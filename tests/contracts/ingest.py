"""What the ingest does, whatever the parts: a test class inherits this and gives `make`, as a
SourceContract does, and `embedder`; where it has a `reader` of its own, that too."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import pytest

from indexer.decoding import DecoderPool, Limits
from indexer.ingest import ingest
from indexer.interfaces import Embedder, Reader
from search.errors import Reason
from search.images import LocalDecoder
from search.jobs import IngestOptions, IngestReport
from search.records import Filters, Sort, Space
from search.settings import Settings
from search.store import Store
from tests.contracts.source import Make
from tests.pictures import write_picture


@dataclass
class Album:
    """A folder of pictures, and the library that follows it."""

    store: Store
    settings: Settings
    folder: Path
    make: Make
    reader: Reader
    embedder: Embedder
    names: set[bytes] = field(default_factory=set)  # all that was ever in the folder
    opened: int = 0

    def put(self, name: str, seed: int) -> Path:
        self.names.add(os.fsencode(name))
        return write_picture(self.folder / name, seed)

    def move(self, name: str, to: str) -> None:
        self.names.add(os.fsencode(to))
        (self.folder / to).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).rename(self.folder / to)

    def run(self, **options: bool) -> dict[str, int]:
        """The counts that are not zero; they always add up to what was found."""
        device = self.folder.stat().st_dev
        root = self.store.roots.ensure("default", bytes(self.folder), device)
        source = self.make(root, sorted(self.names))
        report = ingest(
            self.store,
            [source],
            self.reader,
            self._open,
            self.settings,
            IngestOptions(**options),
        )
        counts = {
            name: count
            for name, count in asdict(report).items()
            if name in COUNTED and count and name != "found"
        }
        assert report.found == sum(counts.get(name, 0) for name in ENDS)
        return counts

    def paths(self) -> dict[int, list[bytes]]:
        """Image id -> where it is."""
        records, _ = self.store.images.page(Filters(), Sort.RELEVANCE, None, 1000)
        return {record.id: [place.path for place in record.locations] for record in records}

    def _open(self) -> Embedder:
        self.opened += 1
        return self.embedder


ENDS = ("added", "updated", "moved", "duplicates", "unchanged", "skipped")
COUNTED = (*ENDS, "removed", "ignored")
assert set(COUNTED) < set(IngestReport.__dataclass_fields__)


class IngestContract:
    @pytest.fixture
    def reader(self, settings: Settings) -> Iterator[Reader]:
        with DecoderPool(1, Limits.for_files(settings)) as pool:
            yield pool

    @pytest.fixture
    def album(
        self,
        store: Store,
        settings: Settings,
        tmp_path: Path,
        make: Make,
        reader: Reader,
        embedder: Embedder,
    ) -> Album:
        folder = tmp_path / "photos"
        folder.mkdir()
        album = Album(store, settings, folder, make, reader, embedder)
        for seed, name in enumerate(("a.png", "2024/b.png", "2024/c.png")):
            album.put(name, seed)
        return album

    def test_new_pictures_are_added_with_what_the_embedder_makes_of_them(
        self, album: Album
    ) -> None:
        assert album.run() == {"added": 3}
        embedder, paths = album.embedder, album.paths()
        changes = album.store.vectors.changes(embedder.info, Space.IMAGE, 0)
        assert sorted(changes.owners.tolist()) == sorted(paths)
        captions = {}
        for id_, vector in zip(changes.owners.tolist(), changes.vectors, strict=True):
            data = (album.folder / os.fsdecode(paths[id_][0])).read_bytes()
            seen = LocalDecoder().decode(data, embedder.wanted, uri="x")
            (made,) = embedder.embed([seen])
            assert made is not None
            np.testing.assert_allclose(vector, made.image_vector, atol=2e-3)
            captions[id_] = made.caption
        records = album.store.images.get(list(paths))
        assert {id_: record.caption for id_, record in records.items()} == {
            id_: words and words.text for id_, words in captions.items()
        }

    def test_a_second_run_changes_nothing_and_needs_no_model(self, album: Album) -> None:
        album.run()
        before = album.store.revision(), album.paths()
        assert album.run() == {"unchanged": 3}
        assert (album.store.revision(), album.paths()) == before
        assert album.opened == 1

    def test_a_picture_that_moved_keeps_its_id_and_is_not_embedded_again(
        self, album: Album
    ) -> None:
        album.run()
        (id_,) = (id_ for id_, paths in album.paths().items() if paths == [b"a.png"])
        album.move("a.png", "2025/renamed.png")
        assert album.run() == {"moved": 1, "unchanged": 2}
        assert album.paths()[id_] == [b"2025/renamed.png"]
        assert album.opened == 1

    def test_copies_are_further_places_of_one_image(self, album: Album) -> None:
        album.put("twin.png", 0)
        assert album.run() == {"added": 3, "duplicates": 1}
        album.put("late.png", 1)
        assert album.run() == {"duplicates": 1, "unchanged": 4}
        places = sorted(sorted(paths) for paths in album.paths().values())
        assert places == [[b"2024/b.png", b"late.png"], [b"2024/c.png"], [b"a.png", b"twin.png"]]

    def test_new_content_at_a_known_place_is_an_update(self, album: Album) -> None:
        album.run()
        write_picture(album.folder / "a.png", 9, age=7200)
        assert album.run() == {"updated": 1, "unchanged": 2}
        assert sorted(map(tuple, album.paths().values())) == [
            (b"2024/b.png",), (b"2024/c.png",), (b"a.png",)
        ]  # fmt: skip

    def test_what_is_gone_is_removed_where_that_was_asked_for(self, album: Album) -> None:
        album.run()
        (album.folder / "a.png").unlink()
        assert album.run() == {"unchanged": 2}
        assert album.run(prune=True, yes=True) == {"unchanged": 2, "removed": 1}
        assert sorted(map(tuple, album.paths().values())) == [(b"2024/b.png",), (b"2024/c.png",)]

    def test_a_file_that_cannot_be_read_is_one_failure_and_the_rest_goes_on(
        self, album: Album
    ) -> None:
        album.put("broken.png", 5).write_bytes(b"not a picture")
        assert album.run() == {"added": 3, "skipped": 1}
        (failure,) = album.store.failures.all()
        assert failure.path == os.path.join(bytes(album.folder), b"broken.png")
        assert failure.reason is Reason.NOT_AN_IMAGE
        album.put("broken.png", 5)
        assert album.run() == {"added": 1, "unchanged": 3}
        assert album.store.failures.all() == []
