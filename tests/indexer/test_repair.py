"""`doctor --repair`: what it keeps, what it gives up, and whether it says so."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Collection
from contextlib import closing
from pathlib import Path

import pytest

from indexer.repair import in_words, mend
from search.errors import NoSpaceError
from search.filters import Filters
from search.records import Sort
from search.schema import VERSION
from search.settings import Settings
from search.store import Store
from search.store.layouts import LATE, first_tables
from search.store.migrating import upgrade_file
from search.store.rescue import rescue
from search.store.sqlite import writer as sqlite_engine
from search.store.trust import MADE_AGAIN
from tests.damage import (
    PAGE,
    Outcome,
    contents,
    damage_and_repair,
    flip_a_bit,
    make_library,
    zero_a_page,
)
from tests.disks import small_disk
from tests.golden.library import unpacked

from .conftest import Indexer

FLIPS = int(os.environ.get("POMONA_FLIPS", "20"))
PAGES = int(os.environ.get("POMONA_PAGES", "10"))
PICTURE_31 = "SELECT id FROM part WHERE image_id = 31 AND kind = 'picture'"
Damage = Callable[[Path, random.Random], None]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_library(tmp_path_factory.mktemp("whole")).library


def first_page_of(catalogue: Path, name: str) -> int:
    """The root of a table or an index."""
    with closing(sqlite3.connect(catalogue)) as connection:
        asked = "SELECT rootpage FROM sqlite_schema WHERE name = ?"
        return int(connection.execute(asked, (name,)).fetchone()[0])


def zeroed(*names: str) -> Damage:
    """The first pages of tables and indexes become zeros; "" is the schema's own."""

    def damage(catalogue: Path, rng: random.Random) -> None:
        pages = [first_page_of(catalogue, name) if name else 1 for name in names]
        with open(catalogue, "r+b") as file:
            for page in pages:
                file.seek((page - 1) * PAGE)
                file.write(bytes(PAGE))

    return damage


def after(library: Path, folder: Path, damage: Damage) -> Outcome:
    return damage_and_repair(library, folder / "library", damage, random.Random(1))


@pytest.mark.parametrize(
    "index",
    [
        "image_by_time",
        "embedding_by_revision",
        "part_by_image",
        "ix_location_image_id",
        "sqlite_autoindex_image_1",
        "sqlite_autoindex_location_1",
        "sqlite_autoindex_embedding_1",
        "sqlite_autoindex_exclusion_1",
    ],
)
def test_a_damaged_index_costs_nothing(library: Path, tmp_path: Path, index: str) -> None:
    outcome = after(library, tmp_path, zeroed(index))
    assert (outcome.lost, outcome.wrong) == ({}, {})
    assert outcome.done.rescued is not None
    assert outcome.done.whole


@pytest.mark.parametrize("name", ["", "exclusion", "collection", "library", "sqlite_sequence"])
def test_what_is_known_twice_is_not_lost(library: Path, tmp_path: Path, name: str) -> None:
    """The first page names the tables; exclusions and collections are also in their indexes."""
    outcome = after(library, tmp_path, zeroed(name))
    assert (outcome.lost, outcome.wrong) == ({}, {})
    assert outcome.done.whole


@pytest.mark.parametrize("bit", [0x01, 0x80])
def test_a_name_that_a_flipped_bit_has_changed_in_the_schema_costs_nothing(
    library: Path, tmp_path: Path, bit: int
) -> None:
    def rename(catalogue: Path, rng: random.Random) -> None:
        data = bytearray(catalogue.read_bytes())
        data[data.index(b"content_hash VARCHAR")] ^= bit
        catalogue.write_bytes(data)

    outcome = after(library, tmp_path, rename)
    assert (outcome.lost, outcome.wrong) == ({}, {})


def test_folders_of_which_only_the_path_is_left_are_named(library: Path, tmp_path: Path) -> None:
    done = after(library, tmp_path, zeroed("root")).done
    assert sorted(os.path.basename(path) for path in done.to_add) == [b"default", b"shop"]
    assert not done.whole


def test_what_people_made_and_nothing_knows_any_more_is_counted_in_words(
    library: Path, tmp_path: Path
) -> None:
    outcome = after(library, tmp_path, zeroed("exclusion", "sqlite_autoindex_exclusion_1"))
    assert outcome.lost == {"exclusion": 10}
    assert outcome.done.lost["exclusion"] > 0
    words = "\n".join(in_words(outcome.done))
    assert "removed picture" in words
    assert "may be back" in words


def test_a_damaged_page_of_vectors_costs_its_vectors_and_no_word_of_people(
    library: Path, tmp_path: Path
) -> None:
    def damage(catalogue: Path, rng: random.Random) -> None:
        data = bytearray(catalogue.read_bytes())
        with closing(sqlite3.connect(catalogue)) as connection:
            asked = f"SELECT vector FROM embedding WHERE part_id = ({PICTURE_31})"
            vector = connection.execute(asked).fetchone()[0]
        data[data.index(vector)] ^= 1
        catalogue.write_bytes(data)

    outcome = after(library, tmp_path, damage)
    assert outcome.lost.keys() == {"embedding"}
    assert [problem.code for problem in outcome.done.left] == ["vector_missing"]


def check(outcome: Outcome) -> None:
    """Nothing goes in silence, nothing is invented, and the damaged file is kept."""
    assert not outcome.is_silent
    assert outcome.lost.keys() - MADE_AGAIN <= outcome.done.lost.keys() | (
        {"root"} if outcome.done.to_add else set()
    )
    if outcome.done.rescued:
        assert (outcome.done.rescued.kept / "catalog.db").stat().st_size > 0


@pytest.mark.parametrize("seed", range(PAGES))
def test_a_zeroed_page_never_goes_in_silence(library: Path, tmp_path: Path, seed: int) -> None:
    outcome = damage_and_repair(
        library, tmp_path / "library", zero_a_page, random.Random(f"page {seed}")
    )
    check(outcome)
    assert outcome.done.rescued is not None


@pytest.mark.parametrize("seed", range(FLIPS))
def test_a_flipped_bit_costs_at_most_what_it_hit(library: Path, tmp_path: Path, seed: int) -> None:
    outcome = damage_and_repair(
        library, tmp_path / "library", flip_a_bit, random.Random(f"flip {seed}")
    )
    if outcome.is_silent:  # a column without a checksum, such as the time of adding: one row
        assert sum(outcome.wrong.values()) == sum(outcome.lost.values()) == 1
    else:
        check(outcome)
    assert sum(outcome.lost.values()) < 20


def test_a_repair_without_space_changes_nothing(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        library = make_library(disk.path).library
        zeroed("image_by_time")(library / "catalog.db", random.Random())
        before = (library / "catalog.db").read_bytes()
        disk.fill()
        with pytest.raises(NoSpaceError):
            mend(Settings(library=library))
        assert (library / "catalog.db").read_bytes() == before
        assert not list(library.glob("damaged-*"))
        disk.make_room()
        assert mend(Settings(library=library)).whole


def test_a_repair_that_is_killed_is_done_by_the_next_one(library: Path, tmp_path: Path) -> None:
    """At whichever call it was: before the swap all is as it was, after it all is new."""
    code = (
        "import sys, os\nfrom pathlib import Path\nfrom search.settings import Settings\n"
        "from indexer.repair import mend\n"
        "left = int(sys.argv[2])\n"
        "def watch(event, arguments):\n"
        "    global left\n"
        "    if event in ('os.link', 'os.remove', 'os.rename', 'os.mkdir'):\n"
        "        left -= 1\n"
        "        if left == 0: os._exit(9)\n"
        "sys.addaudithook(watch)\n"
        "mend(Settings(library=Path(sys.argv[1])))\n"
    )
    for number in range(1, 100):
        copy = tmp_path / str(number)
        shutil.copytree(library, copy)
        zeroed("image_by_time")(copy / "catalog.db", random.Random())
        command = [sys.executable, "-c", code, str(copy), str(number)]
        ended = subprocess.run(command, cwd=Path(__file__).parents[2], check=False)
        assert mend(Settings(library=copy)).whole
        assert contents(copy / "catalog.db") == contents(library / "catalog.db")
        if ended.returncode == 0:
            assert number > 5
            return
    pytest.fail("the repair never came to its end")


def test_the_command_says_what_was_lost_and_leaves_with_the_truth(
    indexer: Indexer, tmp_path: Path
) -> None:
    library = make_library(tmp_path).library
    assert indexer("doctor", "--repair").code == 0
    zeroed("image_by_time")(library / "catalog.db", random.Random())
    assert indexer("doctor", "--json").code == 13
    ran = indexer("doctor", "--repair", "--json")
    assert (ran.code, ran.summary["ok"], ran.summary["lost"]) == (0, True, {})
    assert (Path(ran.summary["set_aside"]) / "catalog.db").is_file()
    assert not list(library.glob("*.rescued*"))
    zeroed("exclusion", "sqlite_autoindex_exclusion_1")(library / "catalog.db", random.Random())
    ran = indexer("doctor", "--repair", "--json")
    assert (ran.code, ran.summary["ok"]) == (3, False)
    assert ran.summary["lost"]["exclusion"] > 0
    with Store.open(Settings(library=library)) as store:
        assert store.stats().images == 190


def test_what_cannot_be_repaired_changes_nothing(library: Path, tmp_path: Path) -> None:
    """A picture that people have described keeps its row; its vector is made by `reindex`."""
    copy = shutil.copytree(library, tmp_path / "library")
    with closing(sqlite3.connect(copy / "catalog.db")) as connection:
        connection.execute(f"DELETE FROM embedding WHERE part_id = ({PICTURE_31})")
        connection.commit()
    with Store.open(Settings(library=copy)) as store:
        before = store.stats().revision
    done = mend(Settings(library=copy))
    assert [problem.code for problem in done.left] == ["vector_missing"]
    assert (done.repaired, dict(done.lost)) == (0, {})
    with Store.open(Settings(library=copy)) as store:
        assert store.stats().revision == before


def spoiled_page(catalogue: Path, table: str, column: str) -> None:
    """A page that holds a row of this table is nothing but zeros."""
    data = bytearray(catalogue.read_bytes())
    with closing(sqlite3.connect(catalogue)) as connection:
        (value,) = connection.execute(f"SELECT CAST({column} AS BLOB) FROM {table}").fetchone()
    start = data.index(value) // PAGE * PAGE
    data[start : start + PAGE] = bytes(PAGE)
    catalogue.write_bytes(data)


def captions_by_people(settings: Settings) -> int:
    with Store.open(settings) as store:
        records, _ = store.images.page(Filters(), Sort.RELEVANCE, None, 1000)
        return sum(words.source == "human" for r in records for words in r.captions)


@pytest.mark.parametrize(
    ("table", "column"), [("embedding", "vector"), ("location", "path"), ("image", "content_hash")]
)
def test_a_damaged_catalogue_of_an_older_schema_is_rescued_and_then_brought_along(
    tmp_path: Path, table: str, column: str
) -> None:
    settings = Settings(library=unpacked("v1", tmp_path))
    spoiled_page(settings.library / "catalog.db", table, column)
    done = mend(settings)
    assert done.rescued is not None
    assert done.lost[table] > 0
    assert captions_by_people(settings) == 3 - done.lost["caption_by_people"]
    with closing(sqlite3.connect(settings.library / "catalog.db")) as connection:
        assert connection.execute("SELECT version FROM library").fetchone() == (VERSION,)
        assert connection.execute("SELECT count(*) FROM exclusion").fetchone() == (2,)


def made_later(catalogue: Path) -> None:
    """Scans and removed paths came with a later program of schema 1."""
    written_again(catalogue, late=LATE)


def killed_behind_the_upgrade(catalogue: Path) -> None:
    """Before the room of the old tables was given back."""
    written_again(catalogue)
    upgrade_file(catalogue, 1)


def repaired_before(catalogue: Path) -> None:
    rescue(Settings(library=catalogue.parent))


@pytest.mark.parametrize("history", [made_later, killed_behind_the_upgrade, repaired_before])
def test_a_lost_first_page_costs_nothing_whatever_the_catalogue_has_been_through(
    tmp_path: Path, history: Callable[[Path], None]
) -> None:
    settings = Settings(library=unpacked("v1", tmp_path))
    catalogue = settings.library / "catalog.db"
    history(catalogue)
    Store.open(settings).close()
    lose_first_page(catalogue)
    done = mend(settings)
    assert dict(done.lost) == {}
    with Store.open(settings) as store:
        assert store.stats().images == 72
    assert captions_by_people(settings) == 3


@pytest.mark.parametrize("spoiled", ["", "{", "[[1, 2]]", '[["table", "a", "b", [], null]]'])
def test_an_outline_that_is_damaged_too_is_passed_by(
    library: Path, tmp_path: Path, spoiled: str
) -> None:
    copy = Path(shutil.copytree(library, tmp_path / "copy"))
    (copy / "catalog.db.tables").write_text(spoiled)
    lose_first_page(copy / "catalog.db")
    assert dict(mend(Settings(library=copy)).lost) == {}


def test_a_run_keeps_the_outline_of_the_catalogue(library: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(library, tmp_path / "copy"))
    assert not (copy / "catalog.db.tables").exists()
    with Store.for_run(Settings(library=copy), "sync"):
        assert "exclusion" in (copy / "catalog.db.tables").read_text()


def lose_first_page(catalogue: Path) -> None:
    catalogue.write_bytes(bytes(PAGE) + catalogue.read_bytes()[PAGE:])


@pytest.mark.parametrize("brought_along", [False, True])
def test_a_lost_first_page_of_a_catalogue_of_an_older_schema_costs_nothing(
    tmp_path: Path, brought_along: bool
) -> None:
    settings = Settings(library=unpacked("v1", tmp_path))
    catalogue = settings.library / "catalog.db"
    written_again(catalogue)
    if brought_along:
        Store.open(settings).close()
    lose_first_page(catalogue)
    done = mend(settings)
    assert done.rescued is not None
    assert dict(done.lost) == {}
    with Store.open(settings) as store:
        assert store.stats().images == 72
    assert captions_by_people(settings) == 3


def written_again(catalogue: Path, late: Collection[str] = ()) -> None:
    """With its tables where the program put them; the golden one was made compact."""
    packed = catalogue.rename(catalogue.with_suffix(".packed"))
    engine = sqlite_engine(catalogue, create=True)
    tables = first_tables()
    early = [table for name, table in tables.tables.items() if name not in late]
    with engine.begin() as connection:
        tables.create_all(connection, tables=early)
        tables.create_all(connection)
    engine.dispose()
    with closing(sqlite3.connect(catalogue)) as connection:
        connection.execute("ATTACH ? AS packed", (str(packed),))
        for table in tables.sorted_tables:
            connection.execute(f"INSERT INTO {table.name} SELECT * FROM packed.{table.name}")
        connection.commit()
