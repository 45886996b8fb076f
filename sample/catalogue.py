"""What the sample collection holds: one line a picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from . import animals, clothes, crockery, fruit, scenes, vehicles
from .canvas import Canvas, Colour

Painter = Callable[[Canvas], None]

RED: Colour = (200, 26, 36)
GREEN: Colour = (66, 150, 60)
APPLE_GREEN: Colour = (128, 188, 44)
BLUE: Colour = (36, 78, 190)
NAVY: Colour = (30, 48, 112)
SKY: Colour = (110, 170, 226)
YELLOW: Colour = (248, 208, 44)
ORANGE: Colour = (244, 134, 28)
PINK: Colour = (236, 120, 160)
PURPLE: Colour = (104, 52, 140)
BROWN: Colour = (128, 76, 40)
BEIGE: Colour = (212, 190, 152)
GREY: Colour = (150, 152, 156)
WHITE: Colour = (246, 245, 242)
BLACK: Colour = (36, 34, 38)

SHOP, ALBUM = "shop", "album"  # a thing on a light ground, or a view that fills the frame


@dataclass(frozen=True, slots=True)
class Sketch:
    """One picture of the collection."""

    path: str  # relative, its ending is the file format
    paint: Painter
    size: tuple[int, int]  # width and height upright, pixels
    setting: str
    zoom: float = 1.0
    taken_at: datetime | None = None  # goes into the EXIF of a JPEG
    orientation: int = 1  # EXIF: 6 is a camera held upright, 3 upside down


def catalogue() -> Iterator[Sketch]:
    """All pictures, always in the same order."""
    yield from _fruit()
    yield from _clothes()
    yield from _crockery()
    yield from _vehicles()
    yield from _animals()
    yield from _scenes()


def _shop(
    path: str, paint: Painter, width: int = 480, height: int = 480, zoom: float = 0.92
) -> Sketch:
    return Sketch(path, paint, (width, height), SHOP, zoom)


def _album(
    path: str, paint: Painter, width: int, height: int, day: int | None = None, orientation: int = 1
) -> Sketch:
    """`day`: days since the first of January 2023."""
    taken_at = (
        None if day is None else datetime(2023, 1, 1, 9, 30) + timedelta(days=day, hours=day % 9)
    )
    return Sketch(path, paint, (width, height), ALBUM, 1.0, taken_at, orientation)


def _fruit() -> Iterator[Sketch]:
    apple, apples, citrus, pear = fruit.apple, fruit.apples, fruit.citrus, fruit.pear
    yield _shop(
        "fruit/red-apple-01.jpg", partial(apple, colour=RED, streaks=(236, 190, 110)), 520, 520
    )
    yield _shop("fruit/red-apple-02.png", partial(apple, colour=(176, 18, 34)), 420, 420)
    yield _shop("fruit/red-apples.jpg", partial(apples, colour=RED), 640, 480, 1)
    yield _shop(
        "fruit/green-apple-01.jpg",
        partial(apple, colour=APPLE_GREEN, streaks=(206, 226, 130)),
        520,
        520,
    )
    yield _shop("fruit/green-apple-02.webp", partial(apple, colour=(150, 200, 60)), 420, 420)
    yield _shop("fruit/green-apples.jpg", partial(apples, colour=APPLE_GREEN), 640, 480, 1)
    yield _shop("fruit/yellow-apple.jpg", partial(apple, colour=(240, 206, 70)))
    yield _shop("fruit/banana.jpg", fruit.banana, 600, 420, 1.1)
    yield _shop("fruit/bananas.webp", partial(fruit.banana, count=3), 560, 440)
    yield _shop("fruit/orange.jpg", partial(citrus, colour=ORANGE), 560, 440)
    yield _shop("fruit/lemon.jpg", partial(citrus, colour=YELLOW, pointed=True), 560, 440)
    yield _shop("fruit/lime.avif", partial(citrus, colour=(112, 170, 40), pointed=True), 560, 440)
    yield _shop("fruit/green-pear.jpg", partial(pear, colour=(178, 194, 64)), 400, 520, 1)
    yield _shop(
        "fruit/yellow-pear.jpg",
        partial(pear, colour=(236, 200, 80), blush=(224, 120, 60)),
        400,
        520,
        1,
    )
    yield _shop("fruit/purple-grapes.jpg", partial(fruit.grapes, colour=(86, 36, 110)), 440, 520)
    yield _shop("fruit/green-grapes.png", partial(fruit.grapes, colour=(164, 196, 84)), 440, 520)
    yield _shop("fruit/strawberry.jpg", fruit.strawberry)
    yield _shop("fruit/cherries.jpg", fruit.cherries)
    yield _shop("fruit/watermelon.jpg", fruit.watermelon, 600, 440)
    yield _shop("fruit/pineapple.jpg", fruit.pineapple, 400, 560)
    yield _shop("vegetables/tomatoes.jpg", fruit.tomatoes)
    yield _shop("vegetables/carrot.jpg", fruit.carrot)


def _clothes() -> Iterator[Sketch]:
    shirt, dress, trousers = clothes.t_shirt, clothes.dress, clothes.trousers
    for name, colour in (
        ("red", RED),
        ("blue", NAVY),
        ("green", GREEN),
        ("white", WHITE),
        ("black", BLACK),
    ):
        yield _shop(f"clothes/t-shirts/{name}-t-shirt.jpg", partial(shirt, colour=colour))
    yield _shop("clothes/t-shirts/striped-t-shirt.webp", partial(shirt, colour=WHITE, stripes=BLUE))
    yield _shop("clothes/dresses/yellow-dress.jpg", partial(dress, colour=YELLOW), 420, 560, 1.15)
    yield _shop("clothes/dresses/red-dress.jpg", partial(dress, colour=RED), 420, 560, 1.15)
    yield _shop("clothes/dresses/black-dress.jpg", partial(dress, colour=BLACK), 420, 560, 1.15)
    yield _shop(
        "clothes/dresses/blue-dotted-dress.png",
        partial(dress, colour=BLUE, dots=WHITE),
        420,
        560,
        1.15,
    )
    yield _shop("clothes/skirt.jpg", partial(clothes.skirt, colour=PINK))
    yield _shop(
        "clothes/blue-jeans.jpg",
        partial(trousers, colour=(62, 92, 142), stitches=(200, 150, 80)),
        420,
        560,
        1.2,
    )
    yield _shop("clothes/black-trousers.jpg", partial(trousers, colour=BLACK), 420, 560, 1.2)
    yield _shop("clothes/beige-trousers.bmp", partial(trousers, colour=BEIGE), 300, 400, 1.2)
    yield _shop("shoes/blue-sneaker.jpg", partial(clothes.sneaker, colour=BLUE), 560, 420, 1.1)
    yield _shop(
        "shoes/white-sneaker.jpg", partial(clothes.sneaker, colour=(236, 236, 234)), 560, 420, 1.1
    )
    yield _shop("shoes/red-sneaker.webp", partial(clothes.sneaker, colour=RED), 560, 420, 1.1)
    yield _shop("shoes/brown-boot.jpg", partial(clothes.boot, colour=BROWN))
    yield _shop("shoes/red-high-heel.jpg", partial(clothes.high_heel, colour=RED), 560, 420, 1.1)
    yield _shop("clothes/straw-hat.jpg", partial(clothes.straw_hat, band=BLACK), 560, 420, 1.1)
    yield _shop("clothes/blue-cap.png", partial(clothes.cap, colour=BLUE), 520, 420, 1.1)
    yield _shop("bags/brown-handbag.jpg", partial(clothes.handbag, colour=(146, 80, 40)))
    yield _shop("bags/pink-handbag.gif", partial(clothes.handbag, colour=PINK), 360, 360)
    yield _shop("umbrella.jpg", partial(clothes.umbrella, colour=RED))


def _crockery() -> Iterator[Sketch]:
    for name, colour in (
        ("blue", BLUE),
        ("red", RED),
        ("white", WHITE),
        ("green", GREEN),
        ("yellow", YELLOW),
        ("black", BLACK),
    ):
        yield _shop(
            f"crockery/mugs/{name}-mug.jpg", partial(crockery.mug, colour=colour), zoom=1.13
        )
    yield _shop("crockery/mugs/dotted-mug.webp", partial(crockery.mug, colour=WHITE, dots=RED))
    yield _shop(
        "crockery/cup-of-coffee.jpg", partial(crockery.cup_of_coffee, colour=WHITE), 560, 420
    )
    yield _shop("crockery/white-plate.jpg", partial(crockery.plate, colour=WHITE))
    yield _shop(
        "crockery/blue-rimmed-plate.tiff", partial(crockery.plate, colour=WHITE, rim=BLUE), 400, 400
    )
    yield _shop(
        "crockery/red-bowl.jpg", partial(crockery.bowl, colour=RED, inside=WHITE), 560, 420, 1
    )
    yield _shop("crockery/blue-bowl.png", partial(crockery.bowl, colour=SKY), 560, 420, 1)
    yield _shop("crockery/green-teapot.jpg", partial(crockery.teapot, colour=GREEN), 560, 440)
    yield _shop("crockery/white-teapot.jpg", partial(crockery.teapot, colour=WHITE), 560, 440)
    yield _shop(
        "crockery/red-wine.jpg", partial(crockery.wine_glass, wine=(116, 12, 40)), 400, 540, 1.05
    )
    yield _shop("crockery/fork-and-spoon.jpg", crockery.cutlery)
    yield _shop(
        "crockery/vase-with-flowers.jpg", partial(crockery.vase, colour=BLUE, petals=PINK), 420, 540
    )
    yield _shop("crockery/saucepan.jpg", partial(crockery.saucepan, colour=RED), 560, 420)


def _vehicles() -> Iterator[Sketch]:
    car = vehicles.car
    yield _album("vehicles/red-car.jpg", partial(car, colour=RED), 640, 420, 40)
    yield _album("vehicles/blue-car.jpg", partial(car, colour=BLUE), 640, 420, 41)
    yield _album("vehicles/white-car.webp", partial(car, colour=WHITE), 640, 420)
    yield _album("vehicles/yellow-taxi.jpg", partial(car, colour=YELLOW, taxi=True), 640, 420, 300)
    yield _album("vehicles/red-bus.jpg", partial(vehicles.bus, colour=RED, decks=2), 600, 440, 301)
    yield _album(
        "vehicles/school-bus.jpg", partial(vehicles.bus, colour=(250, 190, 30)), 640, 420, 450
    )
    yield _album(
        "vehicles/lorry.jpg", partial(vehicles.lorry, colour=GREEN, load=WHITE), 640, 420, 460
    )
    yield _shop("vehicles/blue-bicycle.jpg", partial(vehicles.bicycle, colour=BLUE), 600, 440, 1.05)
    yield _shop(
        "vehicles/red-motorcycle.jpg", partial(vehicles.motorcycle, colour=RED), 640, 440, 1.1
    )
    yield _album(
        "vehicles/sailing-boat.jpg",
        partial(vehicles.sailing_boat, sail=WHITE, hull=BLUE),
        520,
        520,
        195,
        6,
    )
    yield _album(
        "vehicles/aeroplane.jpg",
        partial(vehicles.aeroplane, colour=WHITE, tail=BLUE),
        640,
        460,
        196,
    )
    yield _album(
        "vehicles/hot-air-balloon.jpg",
        partial(vehicles.balloon, colours=(RED, YELLOW)),
        480,
        600,
        220,
        8,
    )
    yield _album("vehicles/train.png", partial(vehicles.train, colour=BLUE), 680, 400)


def _animals() -> Iterator[Sketch]:
    tabby = partial(animals.cat, fur=(224, 140, 62), stripes=(166, 82, 26))
    yield _album("animals/ginger-cat.jpg", tabby, 520, 520, 90, 6)
    yield _album("animals/black-cat.jpg", partial(animals.cat, fur=(50, 47, 52)), 520, 520, 91)
    yield _album(
        "animals/grey-cat.webp",
        partial(animals.cat, fur=GREY, stripes=(92, 94, 98), eyes=(214, 170, 50)),
        440,
        440,
    )
    yield _album(
        "animals/brown-dog.jpg",
        partial(animals.dog, fur=(190, 130, 72), ears=(112, 68, 36)),
        520,
        560,
        150,
    )
    yield _album(
        "animals/white-dog.jpg",
        partial(animals.dog, fur=(238, 234, 226), ears=(190, 160, 124)),
        480,
        480,
        151,
    )
    yield _album("animals/rabbit.jpg", partial(animals.rabbit, fur=(240, 238, 236)), 480, 520, 152)
    yield _album(
        "animals/clownfish.jpg", partial(animals.fish, colour=ORANGE, bands=WHITE), 640, 460, 500
    )
    yield _album(
        "animals/blue-fish.jpg", partial(animals.fish, colour=(60, 110, 224)), 640, 460, 501
    )
    yield _album(
        "animals/red-bird.jpg",
        partial(animals.bird, colour=RED, breast=(230, 80, 70)),
        520,
        480,
        610,
    )
    yield _album(
        "animals/blue-bird.jpg",
        partial(animals.bird, colour=(60, 120, 200), breast=(240, 150, 80)),
        520,
        480,
        611,
    )
    yield _shop("animals/orange-butterfly.png", partial(animals.butterfly, colour=ORANGE), 480, 440)
    yield _album("animals/penguin.jpg", animals.penguin, 420, 540, 740, 8)
    yield _album("animals/elephant.jpg", animals.elephant, 640, 480, 741)
    yield _album("animals/duckling.jpg", animals.duck, 560, 440, 820)
    yield _album("animals/starfish.avif", animals.starfish, 440, 440)


def _scenes() -> Iterator[Sketch]:
    field = scenes.flower_field
    yield _album("holidays/2023/beach.jpg", scenes.beach, 720, 480, 198)
    yield _album("holidays/2023/sunset-over-the-sea.jpg", scenes.sunset, 720, 480, 199)
    yield _album("holidays/2023/mountain.jpg", scenes.mountain, 720, 480, 230)
    yield _album("holidays/2023/lake.jpg", scenes.lake, 720, 480, 232)
    yield _album("holidays/2024/night-city.jpg", scenes.night_city, 720, 480, 480)
    yield _album("holidays/2024/street.jpg", scenes.street, 680, 460, 481, 3)
    yield _album("holidays/2024/desert.jpg", scenes.desert, 720, 440, 570)
    yield _album("holidays/2024/fireworks.jpg", scenes.fireworks, 640, 480, 730)
    yield _album("nature/forest.jpg", scenes.forest, 640, 480, 133)
    yield _album(
        "nature/autumn-forest.jpg", partial(scenes.forest, leaves=(190, 104, 28)), 420, 600, 290, 6
    )
    yield _album("nature/autumn-tree.jpg", scenes.autumn_tree, 480, 520, 291)
    yield _album("nature/snow.jpg", scenes.snow, 680, 460, 395)
    yield _album(
        "nature/sunflowers.jpg",
        partial(field, petals=(250, 200, 40), centre=(90, 54, 24), rays=12),
        640,
        440,
        560,
    )
    yield _album(
        "nature/poppies.jpg",
        partial(field, petals=(216, 34, 36), centre=(40, 20, 24), rays=5),
        640,
        440,
        520,
    )
    yield _album("nature/rainbow.jpg", scenes.rainbow, 640, 460, 485)
    yield _album("nature/moonlight.jpg", scenes.moonlight, 560, 480, 733)
    yield _album("nature/waterfall.webp", scenes.waterfall, 420, 600)
