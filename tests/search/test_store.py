"""The store: what goes in comes out, whole or not at all."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

import numpy as np
import pytest

from search.details import EMPTY
from search.errors import (
    EncoderError,
    LibraryDamagedError,
    LibraryVersionError,
    NoLibraryError,
    Reason,
    SettingsError,
)
from search.records import (
    Caption,
    DecodedImage,
    EncoderInfo,
    Failure,
    FileStamp,
    Filters,
    NewImage,
    Orientation,
    Root,
    Sort,
    Space,
)
from search.settings import Settings
from search.store import Store
from tests.vectors import unit

ENCODER = EncoderInfo(name="fake", dim=8, fingerprint="fake-1")
STAMP = FileStamp(size=10, mtime_ns=20)


def picture(
    name: str,
    *,
    size: tuple[int, int] = (40, 30),
    taken_at: datetime | None = None,
    words: str | None = None,
    format_: str = "JPEG",
) -> NewImage:
    decoded = DecodedImage(
        name.rjust(64, "0"), format_, *size, taken_at, b"thumb of " + name.encode(), ()
    )
    seed = sum(name.encode())
    caption = None if words is None else Caption(words, "en", "fake")
    vector = None if words is None else unit(seed + 1000)
    return NewImage(decoded, unit(seed), caption, vector)


def root_of(store: Store, path: bytes = b"/photos", collection: str = "default") -> Root:
    return store.ensure_root(collection, path, 1)


def add(store: Store, *names: str, root: Root | None = None) -> list[int]:
    batch = [(f"{n}.jpg".encode(), STAMP, picture(n, words=f"a {n}")) for n in names]
    return store.add_images(root or root_of(store), ENCODER, batch)


def test_a_stored_picture_comes_back_whole(store: Store) -> None:
    taken = datetime(2024, 7, 2, 10, 11, 12, tzinfo=UTC)
    new = picture("a", taken_at=taken, words="a red apple")
    (id_,) = store.add_images(root_of(store), ENCODER, [(b"2024/a.jpg", STAMP, new)])
    record = store.images([id_])[id_]
    assert (record.width, record.height, record.format) == (40, 30, "JPEG")
    assert record.taken_at == taken
    assert record.caption == "a red apple"
    assert record.path == b"2024/a.jpg"
    assert record.locations[0].absolute == b"/photos/2024/a.jpg"
    assert store.thumbnails.get(record.content_hash) == b"thumb of a"


def test_opening_a_folder_without_a_library_says_so(settings: Settings) -> None:
    with pytest.raises(NoLibraryError, match="indexer add"):
        Store.open(settings)


def test_a_library_of_a_newer_version_is_refused(settings: Settings) -> None:
    Store.create(settings).close()
    with sqlite3.connect(settings.library / "catalog.db") as connection:
        connection.execute("UPDATE library SET version = 99")
    with pytest.raises(LibraryVersionError, match="newer"):
        Store.open(settings)


def test_a_file_that_is_no_database_is_called_damaged(settings: Settings) -> None:
    settings.library.mkdir()
    (settings.library / "catalog.db").write_bytes(b"not a database at all" * 1000)
    with pytest.raises(LibraryDamagedError, match="doctor"):
        Store.open(settings)


def test_changes_follow_additions_and_removals_by_revision(store: Store) -> None:
    a, b = add(store, "a", "b")
    first = store.changes(ENCODER, Space.IMAGE, 0)
    assert first.ids.tolist() == [a, b]
    assert first.vectors[0] == pytest.approx(unit(sum(b"a")), abs=1e-3)
    store.remove_images([a])
    then = store.changes(ENCODER, Space.IMAGE, first.revision)
    assert then.ids.tolist() == []
    assert then.removed.tolist() == [a]
    assert then.revision == store.revision() > first.revision


def test_ids_are_never_given_twice(store: Store) -> None:
    (first,) = add(store, "a")
    store.remove_images([first])
    (second,) = add(store, "b")
    assert second > first


def test_known_content_at_a_second_path_is_one_image_with_two_locations(store: Store) -> None:
    root = root_of(store)
    (first,) = add(store, "a", root=root)
    store.add_locations(root, [(first, b"copy.jpg", STAMP)])
    assert [p.path for p in store.images([first])[first].locations] == [b"a.jpg", b"copy.jpg"]
    assert store.stats().images == 1
    assert store.stats().locations == 2


def test_new_content_at_a_known_path_replaces_the_old_image(store: Store) -> None:
    root = root_of(store)
    (old,) = add(store, "a", root=root)
    (new,) = store.add_images(root, ENCODER, [(b"a.jpg", STAMP, picture("b"))])
    assert set(store.images([old, new])) == {new}
    assert store.changes(ENCODER, Space.IMAGE, 0).removed.tolist() == [old]


def test_removing_the_last_location_removes_the_image_and_not_before(store: Store) -> None:
    root = root_of(store)
    (id_,) = add(store, "a", root=root)
    store.add_locations(root, [(id_, b"copy.jpg", STAMP)])
    known = store.known_files(root)
    assert store.remove_locations([known[b"a.jpg"].location_id]) == 0
    assert store.remove_locations([known[b"copy.jpg"].location_id]) == 1
    assert store.images([id_]) == {}


def test_a_thumbnail_goes_with_the_last_image_that_shows_it(store: Store) -> None:
    (here,) = add(store, "a")
    (there,) = add(store, "a", root=root_of(store, b"/other", "second"))
    hash_ = store.images([here])[here].content_hash
    store.remove_images([here])
    assert store.thumbnails.get(hash_) is not None
    store.remove_images([there])
    assert store.thumbnails.get(hash_) is None


def test_a_move_keeps_the_row_the_caption_and_the_vectors(store: Store) -> None:
    root = root_of(store)
    (id_,) = add(store, "a", root=root)
    before = store.changes(ENCODER, Space.IMAGE, 0)
    place = store.known_files(root)[b"a.jpg"].location_id
    store.move_locations(root, [(place, b"new/name.jpg", STAMP)])
    record = store.images([id_])[id_]
    assert record.path == b"new/name.jpg"
    assert record.caption == "a a"
    assert store.changes(ENCODER, Space.IMAGE, before.revision).ids.tolist() == []


def test_a_move_onto_another_picture_removes_that_one(store: Store) -> None:
    root = root_of(store)
    a, b = add(store, "a", "b", root=root)
    place = store.known_files(root)[b"a.jpg"].location_id
    store.move_locations(root, [(place, b"b.jpg", STAMP)])
    assert set(store.images([a, b])) == {a}


def test_removed_content_is_remembered_as_excluded(store: Store) -> None:
    (id_,) = add(store, "a")
    hash_ = store.images([id_])[id_].content_hash
    assert store.remove_images([id_], exclude=True) == 1
    assert store.excluded("default") == {hash_: STAMP.size}
    store.include_again("default", [hash_])
    assert store.excluded("default") == {}


def test_a_failure_counts_its_attempts_and_ends_when_the_file_is_indexed(store: Store) -> None:
    root = root_of(store)
    failed = Failure(b"/photos/a.jpg", Reason.CORRUPT, "broken", stamp=STAMP)
    store.record_failures(root, [(b"a.jpg", failed)])
    store.record_failures(root, [(b"a.jpg", failed)])
    (told,) = store.failures()
    assert (told.path, told.reason, told.attempts, told.stamp) == (
        b"/photos/a.jpg",
        Reason.CORRUPT,
        2,
        STAMP,
    )
    add(store, "a", root=root)
    assert store.failures() == []


def test_what_an_older_version_stored_of_a_decoders_words_is_not_shown(store: Store) -> None:
    root = root_of(store)
    said = "cannot identify image file <_io.BytesIO object at 0x7f82b1b98b80>"
    store.record_failures(
        root,
        [
            (b"a.jpg", Failure(b"/photos/a.jpg", Reason.NOT_AN_IMAGE, said)),
            (b"b.jpg", Failure(b"/photos/b.jpg", Reason.NOT_AN_IMAGE, EMPTY)),
        ],
    )
    assert [told.detail for told in store.failures()] == ["", EMPTY]
    assert [told.detail for told in store.known_failures(root).values()] == ["", EMPTY]


def test_paths_that_are_no_text_are_kept(store: Store) -> None:
    name = b"caf\xe9\n\x1b[31m\xf0\x9f\x8d\x8e%_.jpg"
    root = root_of(store, b"/ph\xe9tos")
    (id_,) = store.add_images(root, ENCODER, [(name, STAMP, picture("a"))])
    assert store.known_files(root)[name].image_id == id_
    assert store.images_at(b"/ph\xe9tos/" + name) == [id_]


def test_a_folder_inside_a_root_belongs_to_that_root(store: Store) -> None:
    outer = root_of(store, b"/photos")
    assert root_of(store, b"/photos/2024") == outer
    assert root_of(store, b"/photos2").id != outer.id


def test_a_new_root_takes_over_the_roots_below_it(store: Store) -> None:
    inner = root_of(store, b"/photos/2024")
    (id_,) = add(store, "a", root=inner)
    outer = root_of(store, b"/photos")
    assert [r.path for r in store.roots()] == [b"/photos"]
    assert store.known_files(outer)[b"2024/a.jpg"].image_id == id_


def test_a_root_of_named_files_becomes_whole_when_its_folder_is_added(store: Store) -> None:
    named = store.ensure_root("default", b"/photos", 1, whole=False)
    assert not named.whole
    assert root_of(store, b"/photos/2024").whole  # the folder inside is a root of its own
    whole = root_of(store, b"/photos")
    assert whole.id == named.id
    assert whole.whole
    assert [r.path for r in store.roots()] == [b"/photos"]


def test_the_same_content_in_two_collections_is_two_images(store: Store) -> None:
    (a,) = add(store, "a", root=root_of(store, b"/one", "one"))
    (b,) = add(store, "a", root=root_of(store, b"/two", "two"))
    assert a != b
    assert store.stats().collections == {"one": 1, "two": 1}


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        (Filters(), "abc"),
        (Filters(collections=("shop",)), "c"),
        (Filters(folders=("2024",)), "ab"),
        (Filters(folders=("2024/be",)), ""),
        (Filters(folders=("2024/beach/", "nowhere")), "b"),
        (Filters(taken_after=datetime(2024, 6, 1, tzinfo=UTC)), "b"),
        (Filters(taken_before=datetime(2024, 6, 1, tzinfo=UTC)), "a"),
        (Filters(orientations=(Orientation.PORTRAIT, Orientation.SQUARE)), "bc"),
        (Filters(formats=("png",)), "c"),
        (Filters(folders=("2024",), orientations=(Orientation.LANDSCAPE,)), "a"),
    ],
)
def test_filters_tell_the_truth(store: Store, filters: Filters, names: str) -> None:
    root = root_of(store)
    early, late = (datetime(2024, month, 1, tzinfo=UTC) for month in (1, 6))
    batch = [
        (b"2024/a.jpg", STAMP, picture("a", taken_at=early)),
        (b"2024/beach/b.jpg", STAMP, picture("b", size=(30, 40), taken_at=late)),
    ]
    a, b = store.add_images(root, ENCODER, batch)
    square = picture("c", size=(9, 9), format_="PNG")
    (c,) = store.add_images(root_of(store, b"/shop", "shop"), ENCODER, [(b"c.png", STAMP, square)])
    ids = {"a": a, "b": b, "c": c}
    assert store.allowed_ids(filters).tolist() == [ids[name] for name in names]


def test_pages_neither_repeat_nor_lose_an_image(store: Store) -> None:
    ids = add(store, *"abcdefg")
    for sort in Sort:
        seen: list[int] = []
        cursor = None
        while True:
            records, cursor = store.page(Filters(), sort, cursor, 3)
            seen += [record.id for record in records]
            if cursor is None:
                break
        assert sorted(seen) == ids
        assert len(seen) == len(ids)


def test_a_vector_that_is_not_of_unit_length_is_never_stored(store: Store) -> None:
    for bad in (np.zeros(8), np.full(8, np.nan), np.full(8, 3.0)):
        new = NewImage(picture("a").decoded, bad.astype(np.float32))
        with pytest.raises(EncoderError):
            store.add_images(root_of(store), ENCODER, [(b"a.jpg", STAMP, new)])
    assert store.stats().images == 0


def test_a_library_keeps_to_one_model(store: Store) -> None:
    store.bind(ENCODER, "fake")
    store.bind(ENCODER, None)
    assert store.model() == ENCODER
    with pytest.raises(SettingsError, match="reindex"):
        store.bind(EncoderInfo("other", 8, "other-1"), None)


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        ("UPDATE embedding SET vector = zeroblob(16) WHERE space = 'image'", "vector_damaged"),
        ("UPDATE image SET width = 41", "image_damaged"),
        ("UPDATE caption SET text = 'a lie'", "caption_damaged"),
        ("DELETE FROM embedding WHERE space = 'image'", "vector_missing"),
        ("DELETE FROM location", "location_missing"),
    ],
)
def test_damage_is_found_and_repair_leaves_a_sound_library(
    store: Store, settings: Settings, damage: str, code: str
) -> None:
    store.bind(ENCODER, None)
    add(store, "a")
    assert list(store.problems(deep=True)) == []
    with sqlite3.connect(settings.library / "catalog.db") as connection:
        connection.execute(damage)
    found = list(store.problems(deep=True))
    assert [problem.code for problem in found] == [code]
    store.repair(found)
    assert list(store.problems(deep=True)) == []


def test_a_flipped_bit_in_a_vector_is_refused_by_every_follower(
    store: Store, settings: Settings
) -> None:
    add(store, "a")
    with sqlite3.connect(settings.library / "catalog.db") as connection:
        connection.execute("UPDATE embedding SET vector = zeroblob(16)")
    with pytest.raises(LibraryDamagedError, match="checksum"):
        store.changes(ENCODER, Space.IMAGE, 0)


def test_words_are_data_and_never_sql(store: Store) -> None:
    new = picture("a", words="'); DROP TABLE image; -- \0 100%")
    (id_,) = store.add_images(root_of(store), ENCODER, [(b"a.jpg", STAMP, new)])
    assert store.images([id_])[id_].caption == "'); DROP TABLE image; -- \ufffd 100%"
