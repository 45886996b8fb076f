"""What a store does, whatever database lies below. A test class inherits this; for a database other
than SQLite in a folder it gives `settings` with a `database_url`."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from search.details import EMPTY
from search.errors import (
    EncoderError,
    Reason,
    SettingsError,
)
from search.filters import ID
from search.fulltext import Field
from search.records import (
    Attribute,
    Caption,
    DecodedImage,
    EncoderInfo,
    Failure,
    FileStamp,
    Filters,
    Head,
    NewImage,
    Orientation,
    Root,
    Sort,
    Space,
)
from search.settings import Settings
from search.store import Store
from search.store.documents import read
from tests.pictures import jpeg
from tests.vectors import unit

ENCODER = EncoderInfo(name="fake", dim=8, fingerprint="fake-1")
STAMP = FileStamp(size=10, mtime_ns=20)
WORDS = ["a", "red", "apple", "acme", "img", "7", "photos", "rome", "2024", "b", "红", "苹", "果"]


def picture(
    name: str,
    *,
    size: tuple[int, int] = (40, 30),
    taken_at: datetime | None = None,
    words: str | None = None,
    format_: str = "JPEG",
) -> NewImage:
    thumbnail, facts = thumbnail_of(name), (Attribute("camera", f"Camera {name}"),)
    decoded = DecodedImage(name.rjust(64, "0"), format_, *size, taken_at, thumbnail, (), facts)
    seed = sum(name.encode())
    caption = None if words is None else Caption(words, "en", "fake")
    vector = None if words is None else unit(seed + 1000)
    return NewImage(decoded, unit(seed), caption, vector)


def thumbnail_of(name: str) -> bytes:
    return jpeg((sum(name.encode()) % 256, 0, 0))


def root_of(store: Store, path: bytes = b"/photos", collection: str = "default") -> Root:
    return store.roots.ensure(collection, path, 1)


def add(store: Store, *names: str, root: Root | None = None) -> list[int]:
    batch = [(f"{n}.jpg".encode(), STAMP, picture(n, words=f"a {n}")) for n in names]
    return store.images.add(root or root_of(store), ENCODER, batch)


def written(store: Store) -> dict[int, list[tuple[int, str]]]:
    """By image, the words of each text, and its field."""
    changes = store.words.changes(0)
    stored = np.split(changes.words.astype("<i4"), changes.lengths.cumsum()[:-1])
    known = {number: word for word, number in store.words.numbers(WORDS).items()}
    return {
        id_: [(field, " ".join(said)) for field, said in read(known, words.tobytes())]
        for id_, words in zip(changes.ids.tolist(), stored, strict=False)
    }


class StoreContract:
    def test_a_stored_picture_comes_back_whole(self, store: Store) -> None:
        taken = datetime(2024, 7, 2, 10, 11, 12, tzinfo=UTC)
        new = picture("a", taken_at=taken, words="a red apple")
        (id_,) = store.images.add(root_of(store), ENCODER, [(b"2024/a.jpg", STAMP, new)])
        record = store.images.get([id_])[id_]
        assert (record.width, record.height, record.format) == (40, 30, "JPEG")
        assert record.taken_at == taken
        assert record.caption == "a red apple"
        assert record.path == b"2024/a.jpg"
        assert record.locations[0].absolute == b"/photos/2024/a.jpg"
        assert store.thumbnails.get(record.content_hash) == thumbnail_of("a")

    def test_words_of_captions_facts_files_and_folders_are_kept_with_the_rows(
        self, store: Store
    ) -> None:
        root = root_of(store)
        new = picture("a", words="A red Apple")
        facts = Attribute("brand", "Acmé"), Attribute("camera", "Canon EOS")
        new = replace(new, decoded=replace(new.decoded, facts=facts))
        (id_,) = store.images.add(root, ENCODER, [(b"Rome 2024/IMG_7.jpg", STAMP, new)])
        first = [
            (Field.CAPTION, "a red apple"),
            (Field.FACT, "acme"),
            (Field.FILE, "img 7"),
            (Field.FOLDER, "photos"),
            (Field.FOLDER, "rome 2024"),
        ]
        assert written(store) == {id_: first}
        store.captions.add(ENCODER, [(id_, Caption("红苹果", "zh", "human"), unit(3))])
        assert (Field.NOTE, "红 苹 果") in written(store)[id_]
        (place,) = store.images.get([id_])[id_].locations
        store.files.add(root, [(id_, b"b.jpg", STAMP)])
        assert (Field.FILE, "b") in written(store)[id_]
        store.files.remove([store.files.known(root)[place.path].location_id])
        assert [said for said in written(store)[id_] if said[0] == Field.FILE] == [
            (Field.FILE, "b")
        ]
        store.images.remove([id_])
        assert written(store) == {}

    def test_who_follows_words_hears_of_those_that_changed_and_of_nothing_else(
        self, store: Store
    ) -> None:
        first, second = add(store, "a", "b")
        seen = store.words.changes(0)
        assert seen.ids.tolist() == [first, second]
        store.captions.add(ENCODER, [(second, Caption("a pear", "en", "human"), unit(3))])
        changed = store.words.changes(seen.revision)
        assert (changed.ids.tolist(), changed.stale.tolist()) == ([second], [second])
        assert store.words.numbers(["pear"])["pear"] in changed.words
        store.images.remove([first])
        gone = store.words.changes(changed.revision)
        assert (gone.ids.tolist(), set(gone.stale.tolist())) == ([], {first})
        assert store.words.numbers(["plum"]) == {}

    def test_facts_of_a_picture_come_back_and_are_replaced_by_name(self, store: Store) -> None:
        price, camera = Attribute("price", number=12.5), Attribute("camera", "Canon \0 EOS")
        colours = (Attribute("colour", "red"), Attribute("colour", "green"))
        new = picture("a")
        new = replace(new, decoded=replace(new.decoded, facts=(price, camera, *colours)))
        (id_,) = store.images.add(root_of(store), ENCODER, [(b"a.jpg", STAMP, new)])
        kept = (Attribute("camera", "Canon \ufffd EOS"), *colours, price)
        assert store.images.get([id_])[id_].attributes == kept
        again = replace(new, decoded=replace(new.decoded, facts=(Attribute("colour", "blue"),)))
        store.vectors.add(ENCODER, [(id_, again)])
        assert store.images.get([id_])[id_].attributes == (kept[0], *again.decoded.facts, price)
        store.images.remove([id_])
        (next_,) = add(store, "b")
        assert store.images.get([next_])[next_].attributes == (Attribute("camera", "Camera b"),)

    def test_a_fact_has_a_bounded_length_and_a_number_that_is_one(self, store: Store) -> None:
        new = picture("a")
        facts = (Attribute("x" * 50, "é" * 1000), Attribute("y", number=float("nan")))
        new = replace(new, decoded=replace(new.decoded, facts=facts))
        (id_,) = store.images.add(root_of(store), ENCODER, [(b"a.jpg", STAMP, new)])
        kept = (Attribute("x" * 40, "é" * 200), Attribute("y"))
        assert store.images.get([id_])[id_].attributes == kept

    def test_changes_follow_additions_and_removals_by_revision(self, store: Store) -> None:
        a, b = add(store, "a", "b")
        first = store.vectors.changes(ENCODER, Space.IMAGE, 0)
        assert first.owners.tolist() == [a, b]
        assert first.vectors[0] == pytest.approx(unit(sum(b"a")), abs=1e-3)
        store.images.remove([a])
        then = store.vectors.changes(ENCODER, Space.IMAGE, first.revision)
        assert then.ids.tolist() == []
        assert first.ids[0] in then.removed
        assert first.ids[1] not in then.removed
        assert then.revision == store.revision() > first.revision

    def test_of_several_captions_the_one_that_was_written_last_has_the_vector(
        self, store: Store
    ) -> None:
        (id_,) = add(store, "a")
        first = store.vectors.changes(ENCODER, Space.CAPTION, 0)
        for number, words in enumerate(
            (Caption("一个", "zh", "fake"), Caption("x", "en", "human"))
        ):
            store.captions.add(ENCODER, [(id_, words, unit(number))])
        assert [words.text for words in store.images.get([id_])[id_].captions] == [
            "a a",
            "x",
            "一个",
        ]
        then = store.vectors.changes(ENCODER, Space.CAPTION, first.revision)
        assert then.owners.tolist() == [id_]
        assert then.vectors[0] == pytest.approx(unit(1), abs=1e-3)
        assert first.ids[0] in then.removed
        assert then.ids[0] not in (*first.ids, *then.removed)
        store.captions.add(ENCODER, [(id_, Caption("b", "en", "fake"), unit(2))])
        last = store.vectors.changes(ENCODER, Space.CAPTION, then.revision)
        assert last.ids.tolist() == first.ids.tolist()  # the same source's words: the same part
        assert then.ids[0] in last.removed
        assert len(store.images.get([id_])[id_].captions) == 3

    def test_parts_have_ids_of_their_own_that_are_never_given_twice(self, store: Store) -> None:
        given: set[int] = set()
        for name in "abc":
            (id_,) = add(store, name)
            news = [store.vectors.changes(ENCODER, space, 0) for space in Space]
            ids = {int(part) for changes in news for part in changes.ids}
            assert [changes.owners.tolist() for changes in news] == [[id_], [id_]]
            assert len(ids) == 2
            assert not ids & given
            given |= ids
            store.images.remove([id_])

    def test_new_vectors_of_a_picture_are_of_the_part_that_it_had(self, store: Store) -> None:
        a, b = add(store, "a", "b")
        before = store.vectors.changes(ENCODER, Space.IMAGE, 0)
        store.vectors.add(ENCODER, [(b, picture("c", words="a c"))])
        then = store.vectors.changes(ENCODER, Space.IMAGE, before.revision)
        assert then.ids.tolist() == [before.ids[1]]
        assert then.owners.tolist() == [b]
        assert then.vectors[0] == pytest.approx(unit(sum(b"c")), abs=1e-3)
        assert store.vectors.changes(ENCODER, Space.IMAGE, 0).owners.tolist() == [a, b]

    def test_ids_are_never_given_twice(self, store: Store) -> None:
        (first,) = add(store, "a")
        store.images.remove([first])
        (second,) = add(store, "b")
        assert second > first

    def test_known_content_at_a_second_path_is_one_image_with_two_locations(
        self, store: Store
    ) -> None:
        root = root_of(store)
        (first,) = add(store, "a", root=root)
        store.files.add(root, [(first, b"copy.jpg", STAMP)])
        assert [p.path for p in store.images.get([first])[first].locations] == [
            b"a.jpg",
            b"copy.jpg",
        ]
        assert store.stats().images == 1
        assert store.stats().locations == 2

    def test_new_content_at_a_known_path_replaces_the_old_image(self, store: Store) -> None:
        root = root_of(store)
        (old,) = add(store, "a", root=root)
        (part,) = store.vectors.changes(ENCODER, Space.IMAGE, 0).ids
        (new,) = store.images.add(root, ENCODER, [(b"a.jpg", STAMP, picture("b"))])
        assert set(store.images.get([old, new])) == {new}
        changes = store.vectors.changes(ENCODER, Space.IMAGE, 0)
        assert changes.owners.tolist() == [new]
        assert part in changes.removed

    def test_removing_the_last_location_removes_the_image_and_not_before(
        self, store: Store
    ) -> None:
        root = root_of(store)
        (id_,) = add(store, "a", root=root)
        store.files.add(root, [(id_, b"copy.jpg", STAMP)])
        known = store.files.known(root)
        assert store.files.remove([known[b"a.jpg"].location_id]) == 0
        assert store.files.remove([known[b"copy.jpg"].location_id]) == 1
        assert store.images.get([id_]) == {}

    def test_a_thumbnail_goes_with_the_last_image_that_shows_it(self, store: Store) -> None:
        (here,) = add(store, "a")
        (there,) = add(store, "a", root=root_of(store, b"/other", "second"))
        hash_ = store.images.get([here])[here].content_hash
        store.images.remove([here])
        assert store.thumbnails.get(hash_) is not None
        store.images.remove([there])
        assert store.thumbnails.get(hash_) is None

    def test_a_move_keeps_the_row_the_caption_and_the_vectors(self, store: Store) -> None:
        root = root_of(store)
        (id_,) = add(store, "a", root=root)
        before = store.vectors.changes(ENCODER, Space.IMAGE, 0)
        place = store.files.known(root)[b"a.jpg"].location_id
        store.files.move(root, [(place, b"new/name.jpg", STAMP)])
        record = store.images.get([id_])[id_]
        assert record.path == b"new/name.jpg"
        assert record.caption == "a a"
        assert store.vectors.changes(ENCODER, Space.IMAGE, before.revision).ids.tolist() == []

    def test_a_move_onto_another_picture_removes_that_one(self, store: Store) -> None:
        root = root_of(store)
        a, b = add(store, "a", "b", root=root)
        place = store.files.known(root)[b"a.jpg"].location_id
        store.files.move(root, [(place, b"b.jpg", STAMP)])
        assert set(store.images.get([a, b])) == {a}

    def test_removed_content_is_remembered_as_excluded(self, store: Store) -> None:
        (id_,) = add(store, "a")
        hash_ = store.images.get([id_])[id_].content_hash
        assert store.removals.remove([], [id_]).images == (id_,)
        assert store.removals.contents("default") == {hash_: STAMP.size}
        store.removals.include_contents("default", [hash_])
        assert store.removals.contents("default") == {}

    def test_a_failure_counts_its_attempts_and_ends_when_the_file_is_indexed(
        self, store: Store
    ) -> None:
        root = root_of(store)
        failed = Failure(b"/photos/a.jpg", Reason.CORRUPT, "broken", stamp=STAMP)
        store.failures.record(root, [(b"a.jpg", failed)])
        store.failures.record(root, [(b"a.jpg", failed)])
        (told,) = store.failures.all()
        assert (told.path, told.reason, told.attempts, told.stamp) == (
            b"/photos/a.jpg",
            Reason.CORRUPT,
            2,
            STAMP,
        )
        add(store, "a", root=root)
        assert store.failures.all() == []

    def test_what_an_older_version_stored_of_a_decoders_words_is_not_shown(
        self, store: Store
    ) -> None:
        root = root_of(store)
        said = "cannot identify image file <_io.BytesIO object at 0x7f82b1b98b80>"
        store.failures.record(
            root,
            [
                (b"a.jpg", Failure(b"/photos/a.jpg", Reason.NOT_AN_IMAGE, said)),
                (b"b.jpg", Failure(b"/photos/b.jpg", Reason.NOT_AN_IMAGE, EMPTY)),
            ],
        )
        assert [told.detail for told in store.failures.all()] == ["", EMPTY]
        assert [told.detail for told in store.failures.known(root).values()] == ["", EMPTY]

    def test_paths_that_are_no_text_are_kept(self, store: Store) -> None:
        name = b"caf\xe9\n\x1b[31m\xf0\x9f\x8d\x8e%_.jpg"
        root = root_of(store, b"/ph\xe9tos")
        (id_,) = store.images.add(root, ENCODER, [(name, STAMP, picture("a"))])
        assert store.files.known(root)[name].image_id == id_
        assert [place.absolute for place in store.images.get([id_])[id_].locations] == [
            b"/ph\xe9tos/" + name
        ]

    def test_a_folder_inside_a_root_belongs_to_that_root(self, store: Store) -> None:
        outer = root_of(store, b"/photos")
        assert root_of(store, b"/photos/2024") == outer
        assert root_of(store, b"/photos2").id != outer.id

    def test_a_new_root_takes_over_the_roots_below_it(self, store: Store) -> None:
        inner = root_of(store, b"/photos/2024")
        (id_,) = add(store, "a", root=inner)
        outer = root_of(store, b"/photos")
        assert [r.path for r in store.roots.all()] == [b"/photos"]
        assert store.files.known(outer)[b"2024/a.jpg"].image_id == id_

    def test_roots_that_are_apart_neither_hold_nor_take_one_another(self, store: Store) -> None:
        outer = root_of(store, b"/photos")
        (id_,) = store.images.add(outer, ENCODER, [(b"link/a.jpg", STAMP, picture("a"))])
        link = store.roots.ensure("default", b"/photos/link", 1, apart={b"/photos"})
        assert store.files.known(link)[b"a.jpg"].image_id == id_  # of those above it takes its own
        assert store.files.known(outer) == {}
        assert store.roots.ensure("default", b"/photos/link/in", 1, apart={b"/photos"}) == link
        top = store.roots.ensure("default", b"/", 1, apart={b"/photos/link"})
        assert [r.path for r in store.roots.all()] == [b"/photos/link", b"/"]
        assert store.files.known(top) == {}

    def test_a_root_of_named_files_becomes_whole_when_its_folder_is_added(
        self, store: Store
    ) -> None:
        named = store.roots.ensure("default", b"/photos", 1, whole=False)
        assert not named.whole
        assert root_of(store, b"/photos/2024").whole  # the folder inside is a root of its own
        whole = root_of(store, b"/photos")
        assert whole.id == named.id
        assert whole.whole
        assert [r.path for r in store.roots.all()] == [b"/photos"]

    def test_the_same_content_in_two_collections_is_two_images(self, store: Store) -> None:
        (a,) = add(store, "a", root=root_of(store, b"/one", "one"))
        (b,) = add(store, "a", root=root_of(store, b"/two", "two"))
        assert a != b
        assert store.stats().collections == {"one": 1, "two": 1}

    @pytest.mark.parametrize(
        ("filters", "names"),
        [
            (Filters(), "abc"),
            (Filters(collection=("shop",)), "c"),
            (Filters(folder=("2024",)), "ab"),
            (Filters(folder=("2024/be",)), ""),
            (Filters(folder=("2024/beach/", "nowhere")), "b"),
            (Filters(taken_after=datetime(2024, 6, 1, tzinfo=UTC)), "b"),
            (Filters(taken_before=datetime(2024, 6, 1, tzinfo=UTC)), "a"),
            (Filters(orientation=(Orientation.PORTRAIT, Orientation.SQUARE)), "bc"),
            (Filters(format=("png",)), "c"),
            (Filters(folder=("2024",), orientation=(Orientation.LANDSCAPE,)), "a"),
        ],
    )
    def test_filters_tell_the_truth(self, store: Store, filters: Filters, names: str) -> None:
        root = root_of(store)
        early, late = (datetime(2024, month, 1, tzinfo=UTC) for month in (1, 6))
        batch = [
            (b"2024/a.jpg", STAMP, picture("a", taken_at=early)),
            (b"2024/beach/b.jpg", STAMP, picture("b", size=(30, 40), taken_at=late)),
        ]
        a, b = store.images.add(root, ENCODER, batch)
        square = picture("c", size=(9, 9), format_="PNG")
        (c,) = store.images.add(
            root_of(store, b"/shop", "shop"), ENCODER, [(b"c.png", STAMP, square)]
        )
        ids = {"a": a, "b": b, "c": c}
        assert store.images.allowed_ids(filters).tolist() == [ids[name] for name in names]

    def test_pages_neither_repeat_nor_lose_an_image(self, store: Store) -> None:
        ids = add(store, *"abcdefg")
        for sort in Sort:
            seen: list[int] = []
            cursor = None
            while True:
                records, cursor = store.images.page(Filters(), sort, cursor, 3)
                seen += [record.id for record in records]
                if cursor is None:
                    break
            assert sorted(seen) == ids
            assert len(seen) == len(ids)

    def test_a_vector_that_is_not_of_unit_length_is_never_stored(self, store: Store) -> None:
        for bad in (np.zeros(8), np.full(8, np.nan), np.full(8, 3.0)):
            new = NewImage(picture("a").decoded, bad.astype(np.float32))
            with pytest.raises(EncoderError):
                store.images.add(root_of(store), ENCODER, [(b"a.jpg", STAMP, new)])
        assert store.stats().images == 0

    def test_a_library_keeps_to_one_model(self, store: Store) -> None:
        store.encoders.bind(ENCODER, "fake")
        store.encoders.bind(ENCODER, None)
        assert store.encoders.current() == ENCODER
        with pytest.raises(SettingsError, match="reindex"):
            store.encoders.bind(EncoderInfo("other", 8, "other-1"), None)

    def test_the_head_says_the_revision_and_whose_vectors_are_searched(self, store: Store) -> None:
        assert store.head() == Head(store.revision(), None)
        store.encoders.bind(ENCODER, "fake")
        assert store.head() == Head(store.revision(), ENCODER.fingerprint)
        other = EncoderInfo("other", 8, "other-1")
        store.encoders.switch(other, None)
        assert store.head() == Head(store.revision(), other.fingerprint)

    def test_a_model_is_coming_once_it_has_vectors_beside_those_of_the_librarys_own(
        self, store: Store
    ) -> None:
        first, second = add(store, "a", "b")
        store.encoders.bind(ENCODER, "fake")
        began = store.revision()
        add(store, "c")
        assert store.encoders.coming(began) is None
        other = EncoderInfo("other", 8, "other-1")
        store.vectors.add(other, [(first, picture("a")), (second, picture("b"))])
        assert store.encoders.coming(began) == other
        done = store.revision()
        store.images.remove([first])  # takes a vector from both
        assert store.encoders.coming(done) is None
        store.encoders.switch(other, None)
        assert store.encoders.coming(began) == ENCODER  # it is the other one now

    def test_of_two_models_that_are_coming_the_one_that_was_made_last_counts(
        self, store: Store
    ) -> None:
        ids = add(store, "a", "b")
        store.encoders.bind(ENCODER, "fake")
        began = store.revision()
        one, two = (EncoderInfo(name, 8, f"{name}-1") for name in ("one", "two"))
        store.vectors.add(two, [(ids[0], picture("a"))])
        for model in (one, two, one):
            store.vectors.add(model, [(id_, picture("a")) for id_ in ids])
            assert store.encoders.coming(began) == model

    def test_an_image_that_the_librarys_model_has_not_seen_is_heard_of_when_it_goes(
        self, store: Store
    ) -> None:
        first, _ = add(store, "a", "b")
        store.encoders.bind(ENCODER, None)
        other = EncoderInfo("other", 8, "other-1")
        store.encoders.switch(other, None)
        store.encoders.forget(ENCODER.name)
        before = store.revision()
        store.images.remove([first])
        assert store.values.changes(ID, before).stale.tolist() == [first]

    def test_that_an_image_is_gone_outlives_the_model_that_saw_it(self, store: Store) -> None:
        first, second = add(store, "a", "b")
        store.encoders.bind(ENCODER, None)
        other = EncoderInfo("other", 8, "other-1")
        store.vectors.add(other, [(second, picture("b"))])
        before = store.revision()
        store.images.remove([first])
        store.encoders.switch(other, None)
        store.encoders.forget(ENCODER.name)
        assert set(store.values.changes(ID, before).stale.tolist()) == {first}

    def test_words_are_data_and_never_sql(self, store: Store) -> None:
        new = picture("a", words="'); DROP TABLE image; -- \0 100%")
        (id_,) = store.images.add(root_of(store), ENCODER, [(b"a.jpg", STAMP, new)])
        assert store.images.get([id_])[id_].caption == "'); DROP TABLE image; -- \ufffd 100%"

    # several connections

    def test_what_one_connection_writes_the_next_read_of_another_sees(
        self, store: Store, settings: Settings
    ) -> None:
        with Store.open(settings) as other:
            before = other.revision()
            (id_,) = add(store, "a")
            assert other.revision() > before
            assert other.images.get([id_])[id_].caption == "a a"

    def test_what_was_written_is_there_when_it_is_opened_again(self, settings: Settings) -> None:
        with Store.create(settings) as store:
            (id_,) = add(store, "a")
            revision = store.revision()
        with Store.create(settings) as again:
            assert list(again.images.get([id_])) == [id_]
            assert again.revision() == revision

    def test_writers_take_turns_and_no_follower_misses_a_change(
        self, store: Store, settings: Settings
    ) -> None:
        names = [f"{writer}{n}" for writer in "wxyz" for n in range(6)]
        followed: list[int] = []
        done = threading.Event()

        def follow() -> None:
            revision, last = 0, False
            with Store.open(settings) as reader:
                while not last:
                    last = done.is_set()  # one more look after the end
                    news = reader.vectors.changes(ENCODER, Space.IMAGE, revision)
                    followed.extend(news.owners.tolist())
                    revision = news.revision

        def write(writer: str) -> list[int]:
            with Store.open(settings) as own:
                return [id_ for name in names if name[0] == writer for id_ in add(own, name)]

        follower = threading.Thread(target=follow)
        follower.start()
        with ThreadPoolExecutor(4) as writers:
            ids = [id_ for some in writers.map(write, "wxyz") for id_ in some]
        done.set()
        follower.join()
        assert sorted(followed) == sorted(ids) == sorted(set(ids))
        assert len(ids) == len(names)

    def test_a_batch_is_stored_whole_or_not_at_all(self, store: Store) -> None:
        bad = NewImage(picture("b").decoded, np.zeros(8, np.float32))
        batch = [(b"a.jpg", STAMP, picture("a")), (b"b.jpg", STAMP, bad)]
        before = store.revision()
        with pytest.raises(EncoderError):
            store.images.add(root_of(store), ENCODER, batch)
        assert store.stats().images == 0
        assert store.revision() == before
