"""Images that are nearly the same: found by what is seen in them, whoever made the copy."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from search import fingerprint, palette
from search.columns import Columns
from search.copies import HASHES, NEIGHBOURS, Copies, Hashes
from search.records import Attribute, DecodedImage, EncoderInfo, FileStamp, NewImage
from search.store import Store
from tests.vectors import unit

ENCODER = EncoderInfo(name="fake", dim=8, fingerprint="fake-1")
NOON = datetime(2024, 7, 1, 12, tzinfo=UTC)


def scene(seed: int, side: int = 200) -> Image.Image:
    """Soft shapes and colours, as a photograph has them."""
    patches = np.random.default_rng(seed).integers(0, 255, (9, 9, 3), np.uint8)
    return Image.fromarray(patches).resize((side, side), Image.Resampling.BICUBIC)


def compressed(picture: Image.Image) -> Image.Image:
    file = BytesIO()
    picture.save(file, "JPEG", quality=30)
    return Image.open(file).convert("RGB")


def facts(picture: Image.Image) -> tuple[Attribute, ...]:
    return palette.facts(picture) + fingerprint.facts(picture)


@pytest.fixture
def add(store: Store) -> Callable[..., int]:
    names = iter(range(10_000))

    def add(about: tuple[Attribute, ...], taken: datetime | None = None) -> int:
        number = next(names)
        seen = DecodedImage(f"{number:064x}", "JPEG", 40, 30, taken, b"", (), about)
        root = store.roots.ensure("default", b"/photos", 1)
        file = (b"%d.jpg" % number, FileStamp(1, 1), NewImage(seen, unit(number)))
        return store.images.add(root, ENCODER, [file])[0]

    return add


@pytest.fixture
def copies(store: Store) -> Copies:
    return Copies(Columns(store))


MADE: dict[str, Callable[[Image.Image], Image.Image]] = {
    "smaller": lambda picture: picture.resize((90, 90)),
    "compressed": compressed,
    "brighter": lambda picture: ImageEnhance.Brightness(picture).enhance(1.1),
    "cropped": lambda picture: picture.crop((1, 1, 199, 199)),
}


@pytest.mark.parametrize("how", MADE)
def test_copies_are_one_group(how: str, add: Callable[..., int], copies: Copies) -> None:
    original, other = add(facts(scene(1))), add(facts(scene(2)))
    copy = add(facts(MADE[how](scene(1))))
    assert copies.groups().heads_of(np.array([original, other, copy])).tolist() == [
        original,
        other,
        original,
    ]
    assert copies.groups().others_of(original).tolist() == [copy]


def test_the_same_shapes_in_other_colours_are_no_copy(
    add: Callable[..., int], copies: Copies
) -> None:
    (hash_,) = fingerprint.facts(scene(1))
    red, blue = (Attribute("colour", name, 0.9) for name in ("red", "blue"))
    ids = np.array([add((hash_, red)), add((hash_, blue)), add((hash_, red))])
    assert copies.groups().heads_of(ids).tolist() == [ids[0], ids[1], ids[0]]


def moved(flipped: int) -> Attribute:
    """The hash of a scene with these bits flipped in each of 32 bytes."""
    (hash_,) = fingerprint.facts(scene(1))
    return Attribute("phash", bytes(b ^ flipped for b in bytes.fromhex(hash_.text or "")).hex())


def test_of_a_burst_more_may_differ(add: Callable[..., int], copies: Copies) -> None:
    mine, other = Attribute("camera", "Pixel 8"), Attribute("camera", "NIKON D90")
    seen = add((moved(0), mine), NOON)
    soon = add((moved(0b10010), mine), NOON + timedelta(seconds=2))
    elsewhere = add((moved(0b01001), other), NOON + timedelta(seconds=1))
    later = add((moved(0b1100000), mine), NOON + timedelta(seconds=60))
    heads = copies.groups().heads_of(np.array([seen, soon, elsewhere, later])).tolist()
    assert heads == [seen, seen, elsewhere, later]


def test_groups_follow_what_comes_and_goes(
    add: Callable[..., int], store: Store, copies: Copies
) -> None:
    first = add(facts(scene(1)))
    assert copies.groups().spare(None) == 0
    some = [add(facts(compressed(scene(1)))), add(facts(scene(1, 300))), add(facts(scene(3)))]
    assert copies.groups().spare(None) == 2
    assert copies.groups().spare(np.array([some[0], some[2]])) == 0
    store.images.remove([first])
    assert copies.groups().heads_of(np.array(some)).tolist() == [some[0], some[0], some[2]]


def test_blank_pictures_are_not_each_other_s_copies() -> None:
    assert fingerprint.facts(Image.new("RGB", (80, 60), "grey")) == ()


def test_many_pictures_are_told_apart(add: Callable[..., int], copies: Copies) -> None:
    ids = np.array(
        [add(facts(scene(seed, 70))) for seed in random.Random(1).sample(range(500), 60)]
    )
    assert copies.groups().heads_of(ids).tolist() == ids.tolist()


def test_each_pair_is_kept_once_and_groups_stay_where_nothing_else_is_seen(
    add: Callable[..., int], store: Store
) -> None:
    columns = Columns(store)
    copies, about = Copies(columns), facts(scene(1))
    first, other = add(about), add(about)
    before = copies.groups()
    assert columns.current().column(HASHES, Hashes).near.tolist() == [[first, other]]
    store.facts.add({first: (Attribute("note", "seen again"),)})
    assert copies.groups() is before


def same_corner(number: int) -> Attribute:
    """Hashes with 32 bits in common, else far from each other; the first and last ones are near."""
    rest = {0: b"\xcc\xcc" * 14, NEIGHBOURS: b"\xcc\xcd" * 14}
    other = rest.get(number) or np.random.default_rng(number).bytes(28)
    return Attribute("phash", "ab" * 4 + other.hex())


def test_pictures_that_come_one_by_one_are_grouped_as_those_that_come_together() -> None:
    hashes, together = Hashes(), Hashes()
    some = [(id_, same_corner(id_).text) for id_ in range(NEIGHBOURS + 1)]
    together.add(some)
    far = [(1000 + n, np.random.default_rng(n + 99).bytes(32).hex()) for n in range(60)]
    hashes.add([*some[:-1], *far])
    hashes.add(some[-1:])
    assert hashes.near.tolist() == together.near.tolist() == []
