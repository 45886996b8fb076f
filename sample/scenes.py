"""Landscapes and townscapes by day and by night."""

from __future__ import annotations

import math

import numpy as np

from .canvas import Canvas, Colour, Plane, rgb, scaled
from .shapes import box, ellipse, polygon, smooth, star, stroke


def beach(canvas: Canvas) -> None:
    canvas.backdrop((70, 150, 224), (206, 232, 244))
    _clouds(canvas, 0.0)
    sea = _from(canvas, 0.02, 0.0)
    depth = np.clip((canvas.down() - 0.02) / 0.5, 0, 1)[..., None]
    water = rgb((16, 104, 170)) * (1 - depth) + rgb((96, 206, 206)) * depth
    canvas.paint(sea, water * (0.9 + 0.2 * canvas.clouds(30)[..., None]))
    shore = smooth([(-3, 0.62), (-0.9, 0.5), (0, 0.4), (0.8, 0.46), (3, 0.36), (3, 1.8), (-3, 1.8)])
    foam = canvas.blur(canvas.mask(shore + (0, -0.05)), 0.02)
    canvas.paint(foam, (250, 252, 252), 0.9)
    sand = rgb((236, 212, 160)) * (1 + 0.05 * canvas.noise(2))[..., None]
    canvas.paint(canvas.mask(shore), sand)
    _palm(canvas, -canvas.right + 0.42, 0.72)
    canvas.flat(ellipse(0.55, 0.85, 0.34, 0.05), (120, 100, 70), 0.4, 0.03)
    canvas.solid(stroke([(0.5, 0.84), (0.52, 0.5), (0.56, 0.24)], 0.03), colour=(240, 236, 226))
    for k, colour in enumerate(((220, 50, 50), (250, 248, 240), (220, 50, 50), (250, 248, 240))):
        piece = smooth([(0.56, 0.16), (0.16 + k * 0.2, 0.44), (0.36 + k * 0.2, 0.44)])
        canvas.solid(piece, colour=colour, puff=0.3, gloss=0)


def sunset(canvas: Canvas) -> None:
    """The sun goes down over the sea."""
    _sky(
        canvas,
        [
            (-1, (96, 52, 100)),
            (-0.4, (170, 70, 98)),
            (0.0, (246, 132, 60)),
            (0.16, (255, 206, 110)),
        ],
    )
    streaks = np.clip(canvas.noise(200) * 0.5 + 0.3 * canvas.noise(60), 0, 1) * (
        canvas.down() < 0.05
    )
    canvas.paint(streaks.astype(np.float32), (255, 150, 96), 0.6)
    _glow(canvas, 0.1, 0.08, 0.75, (255, 190, 90))
    canvas.flat(ellipse(0.1, 0.02, 0.24), (255, 244, 190), 1, 0.01)
    sea = _from(canvas, 0.16, 0)
    fade = np.clip((canvas.down() - 0.16) / 0.9, 0, 1)[..., None]
    water = rgb((226, 120, 74)) * (1 - fade) + rgb((44, 36, 80)) * fade
    canvas.paint(sea, water)
    for k in range(90):
        y = 0.17 + 0.85 * (k / 90) ** 1.3
        x = 0.1 + canvas.rng.normal(0, 0.08 + 0.22 * (k / 90))
        canvas.flat(
            ellipse(x, y, canvas.rng.uniform(0.03, 0.11), 0.004 + 0.012 * k / 90),
            (255, 214, 130),
            0.7,
        )


def mountain(canvas: Canvas, season: Colour = (66, 110, 62)) -> None:
    canvas.backdrop((84, 148, 220), (214, 230, 242))
    _clouds(canvas, -0.1)
    far = _ridge(canvas, 0.02, 0.3, 0.5)
    canvas.paint(far, (140, 160, 190))
    peak = [
        (-1.7, 0.7),
        (-0.9, 0.0),
        (-0.6, 0.1),
        (-0.1, -0.66),
        (0.16, -0.36),
        (0.36, -0.5),
        (1.0, 0.12),
        (1.8, 0.7),
    ]
    area = canvas.mask(polygon([*peak, (1.8, 1.2), (-1.7, 1.2)]))
    rock = 0.75 + 0.5 * canvas.clouds(60)
    light = np.where(canvas.across() + 0.25 * canvas.noise(40) < 0.0, 1.15, 0.78)
    canvas.paint(area, rgb((112, 112, 124)) * (rock * light)[..., None])
    snow = area * np.clip((-0.12 + 0.12 * canvas.noise(26) - canvas.down()) * 12, 0, 1)
    canvas.paint(snow, rgb((246, 250, 255)) * np.clip(light, 0.82, 1)[..., None])
    hills = _ridge(canvas, 0.56, 0.12, 0.9)
    canvas.paint(hills, rgb(season) * (0.8 + 0.4 * canvas.clouds(30))[..., None])
    for k in range(26):
        x = canvas.rng.uniform(-canvas.right, canvas.right)
        _fir(canvas, x, 0.74 + 0.012 * k, 0.2 + 0.006 * k, scaled(season, 0.62))


def forest(canvas: Canvas, leaves: Colour = (70, 128, 44)) -> None:
    canvas.backdrop(scaled(leaves, 1.5), scaled(leaves, 0.7))
    canvas.paint(canvas.clouds(60), scaled(leaves, 2.1), 0.7)
    canvas.paint(
        _from(canvas, 0.5, 0.04),
        rgb(scaled(leaves, 0.7)) * (0.6 + 0.8 * canvas.clouds(24))[..., None],
    )
    path = polygon([(-0.06, 0.5), (0.1, 0.5), (0.7, 1.4), (-0.6, 1.4)])
    canvas.paint(canvas.blur(canvas.mask(path), 0.03), (150, 122, 84), 0.9)
    depth = np.linspace(0, 1, 26)
    for d in depth:
        side = canvas.rng.choice((-1, 1))
        x = side * (0.12 + canvas.rng.uniform(0, 1) * canvas.right + 0.1 * d)
        shade = 0.9 - 0.55 * d
        trunk = stroke(
            [(x, -1.6), (x + 0.01, 0), (x, 0.52 + 0.42 * d)], 0.03 + 0.13 * d, 0.04 + 0.16 * d
        )
        canvas.solid(trunk, colour=scaled((120, 92, 66), shade + 0.15), grain=0.25, gloss=0)
    for _ in range(150):
        x, y = canvas.rng.uniform(-canvas.right, canvas.right), canvas.rng.normal(-0.75, 0.24)
        r = canvas.rng.uniform(0.05, 0.13)
        canvas.flat(
            ellipse(x, y, r, r * 0.8), scaled(leaves, canvas.rng.uniform(0.7, 1.7)), 0.75, 0.012
        )
    beam = canvas.blur(canvas.mask(polygon([(-0.5, -1.6), (-0.1, -1.6), (0.8, 1), (0.1, 1)])), 0.1)
    canvas.paint(beam, (255, 250, 210), 0.22)


def night_city(canvas: Canvas) -> None:
    _sky(canvas, [(-1, (8, 10, 32)), (0.4, (44, 36, 84)), (1, (90, 60, 90))])
    _stars(canvas, 70, 0.0)
    for layer, (base, tint) in enumerate((((30, 32, 62), 0.5), ((16, 18, 36), 1.0))):
        x = -canvas.right
        while x < canvas.right:
            width = canvas.rng.uniform(0.16, 0.3)
            top = canvas.rng.uniform(-0.7, 0.2) + 0.15 * layer
            canvas.flat(box(x + width / 2, (top + 0.66) / 2, width, 0.66 - top), base)
            _windows(canvas, x, top, width, tint)
            x += width + canvas.rng.uniform(0, 0.03)
    mirrored = canvas.pixels[::-1]
    water = _from(canvas, 0.62, 0)
    shift = round(0.62 * min(canvas.width, canvas.height))
    reflection = np.roll(mirrored, shift, axis=0) * 0.6 + rgb((8, 10, 26))
    canvas.paint(water, reflection)
    canvas.paint(water * np.clip(canvas.noise(7), 0, 1), (8, 10, 30), 0.5)


def snow(canvas: Canvas) -> None:
    """A hut in deep snow."""
    canvas.backdrop((150, 176, 206), (232, 238, 246))
    canvas.paint(_ridge(canvas, 0.1, 0.2, 0.6), (206, 218, 232))
    for k in range(14):
        x = canvas.rng.uniform(-canvas.right, canvas.right)
        _fir(canvas, x, 0.42 + 0.01 * k, 0.42, (58, 88, 84), snowy=True)
    hill = smooth([(-3, 0.46), (-0.6, 0.36), (0.4, 0.44), (3, 0.3), (3, 1.8), (-3, 1.8)])
    canvas.solid(hill, colour=(250, 252, 255), puff=0.1, gloss=0, grain=0.015)
    canvas.solid(box(0.3, 0.34, 0.66, 0.4), colour=(124, 78, 48), puff=0.2, gloss=0, grain=0.1)
    canvas.solid(
        polygon([(-0.16, 0.16), (0.3, -0.2), (0.76, 0.16)]),
        colour=(246, 250, 255),
        puff=0.4,
        gloss=0,
    )
    canvas.flat(box(0.16, 0.34, 0.15, 0.15), (255, 214, 120))
    canvas.flat(box(0.44, 0.4, 0.15, 0.28), (78, 46, 30))
    for _ in range(150):
        x, y = canvas.rng.uniform(-canvas.right, canvas.right), canvas.rng.uniform(-1, 1)
        canvas.flat(ellipse(x, y, canvas.rng.uniform(0.006, 0.018)), (255, 255, 255), 0.85)


def flower_field(canvas: Canvas, petals: Colour, centre: Colour, rays: int = 6) -> None:
    canvas.backdrop((92, 158, 226), (220, 236, 244))
    _clouds(canvas, -0.2)
    canvas.paint(_ridge(canvas, -0.12, 0.08, 0.7), (86, 128, 84))
    field = _from(canvas, -0.06, 0)
    canvas.paint(field, rgb((84, 140, 56)) * (0.75 + 0.5 * canvas.clouds(24))[..., None])
    rows = np.linspace(0, 1, 17) ** 1.7
    for d in rows:
        count = round(34 - 26 * d)
        size = 0.018 + 0.15 * d
        for k in range(count):
            x = (k + canvas.rng.uniform(0.1, 0.9)) / count * 2.4 * canvas.right - 1.2 * canvas.right
            _flower(
                canvas, x, -0.02 + 1.0 * d + canvas.rng.normal(0, 0.01), size, petals, centre, rays
            )


def desert(canvas: Canvas) -> None:
    canvas.backdrop((82, 150, 224), (236, 228, 206))
    for k, (y, colour) in enumerate(
        ((0.1, (226, 170, 100)), (0.34, (216, 150, 80)), (0.62, (232, 172, 98)))
    ):
        lean = (-1) ** k
        dune = smooth(
            [
                (-3, y + 0.2),
                (-0.8 * lean, y - 0.12),
                (0, y + 0.06),
                (0.9 * lean, y + 0.12),
                (3, y),
                (3, 2),
                (-3, 2),
            ]
            if lean > 0
            else [
                (-3, y),
                (-0.9, y + 0.12),
                (0, y + 0.06),
                (0.8, y - 0.12),
                (3, y + 0.2),
                (3, 2),
                (-3, 2),
            ]
        )
        canvas.solid(dune, colour=colour, puff=0.5, gloss=0, grain=0.03)
    for x, y, s in ((0.7, 0.5, 0.34), (-0.8, 0.3, 0.2)):
        green: Colour = (70, 120, 62)
        canvas.solid(stroke([(x, y + s), (x, y), (x, y - s)], s * 0.3), colour=green, grain=0.1)
        canvas.solid(
            stroke(
                [(x, y + s * 0.2), (x + s * 0.5, y + s * 0.1), (x + s * 0.52, y - s * 0.5)], s * 0.2
            ),
            colour=green,
        )
        canvas.solid(
            stroke(
                [(x, y + s * 0.4), (x - s * 0.5, y + s * 0.3), (x - s * 0.52, y - s * 0.2)], s * 0.2
            ),
            colour=green,
        )


def lake(canvas: Canvas, season: Colour = (60, 106, 60)) -> None:
    """Mountains mirrored in still water."""
    canvas.backdrop((92, 152, 216), (240, 224, 214))
    canvas.paint(
        _ridge(canvas, -0.2, 0.3, 0.55),
        rgb((120, 134, 162)) * (0.8 + 0.4 * canvas.clouds(50))[..., None],
    )
    canvas.paint(
        _ridge(canvas, -0.02, 0.1, 0.3),
        rgb(season) * (0.7 + 0.6 * canvas.clouds(20))[..., None],
    )
    for _ in range(40):
        x = canvas.rng.uniform(-canvas.right, canvas.right)
        _fir(canvas, x, 0.1, canvas.rng.uniform(0.16, 0.3), scaled(season, 0.7))
    middle = canvas.height // 2 + round(0.05 * canvas.height)
    rest = canvas.height - middle
    image = canvas.pixels[middle - rest : middle][::-1] * 0.78 + rgb((6, 18, 30))
    canvas.pixels[middle:] = image * (1 + 0.05 * canvas.noise(9)[middle:, :, None])


def moonlight(canvas: Canvas) -> None:
    _sky(canvas, [(-1, (6, 10, 30)), (0.6, (30, 46, 92)), (1, (44, 62, 104))])
    _stars(canvas, 160, 0.5)
    _glow(canvas, 0.36, -0.4, 0.6, (150, 170, 220))
    disc = canvas.solid(ellipse(0.36, -0.4, 0.24), colour=(244, 240, 218), puff=0.2, gloss=0)
    canvas.paint(disc * np.clip(canvas.clouds(36) * 2 - 1, 0, 1), (190, 188, 172), 0.6)
    canvas.paint(_ridge(canvas, 0.5, 0.16, 0.5), (12, 18, 36))
    for _ in range(18):
        _fir(
            canvas,
            canvas.rng.uniform(-canvas.right, canvas.right),
            0.9,
            canvas.rng.uniform(0.3, 0.5),
            (6, 10, 20),
        )


def rainbow(canvas: Canvas) -> None:
    canvas.backdrop((110, 140, 176), (206, 218, 226))
    _clouds(canvas, -0.1)
    away = np.hypot(canvas.across() - 0.1, canvas.down() - 0.7)
    for k, colour in enumerate(
        (
            (220, 40, 40),
            (240, 140, 40),
            (246, 222, 60),
            (70, 180, 80),
            (50, 110, 210),
            (110, 60, 170),
        )
    ):
        ring = np.exp(-(((away - 1.2 + 0.045 * k) / 0.03) ** 2)).astype(np.float32)
        canvas.paint(ring, (float(colour[0]), float(colour[1]), float(colour[2])), 0.65)
    hills = smooth([(-3, 0.5), (-0.8, 0.36), (0.2, 0.52), (1, 0.4), (3, 0.5), (3, 1.8), (-3, 1.8)])
    canvas.paint(
        canvas.mask(hills), rgb((92, 156, 64)) * (0.75 + 0.5 * canvas.clouds(30))[..., None]
    )
    _tree(canvas, -0.6, 0.6, 0.4, (66, 124, 50))


def autumn_tree(canvas: Canvas, leaves: Colour = (226, 120, 32)) -> None:
    canvas.backdrop((150, 196, 232), (232, 236, 236))
    ground = rgb((170, 140, 70)) * (0.75 + 0.5 * canvas.clouds(20))[..., None]
    canvas.paint(_from(canvas, 0.56, 0.03), ground)
    canvas.flat(ellipse(0.05, 0.74, 0.7, 0.09), (70, 50, 26), 0.5, 0.05)
    _tree(canvas, 0, 0.74, 1.0, leaves)


def street(canvas: Canvas) -> None:
    """A row of coloured houses."""
    canvas.backdrop((110, 172, 230), (220, 234, 242))
    _clouds(canvas, 0.0)
    walls: list[Colour] = [
        (214, 92, 74),
        (240, 200, 96),
        (120, 170, 200),
        (236, 226, 206),
        (150, 180, 120),
    ]
    width = 2 * canvas.right / len(walls)
    for k, wall in enumerate(walls):
        x, top = -canvas.right + width * (k + 0.5), -0.36 + 0.14 * (k % 3)
        canvas.solid(
            polygon([(x - width / 2, top), (x, top - 0.34), (x + width / 2, top)]),
            colour=(150, 74, 52),
            puff=0.2,
            gloss=0,
            grain=0.08,
        )
        canvas.solid(
            box(x, (top + 0.7) / 2, width, 0.7 - top), colour=wall, puff=0.12, gloss=0, grain=0.03
        )
        for y in np.arange(top + 0.16, 0.4, 0.3):
            for dx in (-0.24, 0.24):
                canvas.flat(box(x + dx * width, y, width * 0.28, 0.2), (250, 248, 240))
                canvas.solid(
                    box(x + dx * width, y, width * 0.22, 0.16), colour=(90, 116, 140), puff=0.3
                )
        canvas.solid(box(x, 0.58, width * 0.26, 0.26), colour=(96, 58, 36), puff=0.2)
    road = rgb((140, 138, 136)) * (1 + 0.05 * canvas.noise(2))[..., None]
    canvas.paint(_from(canvas, 0.7, 0), road)


def waterfall(canvas: Canvas) -> None:
    canvas.backdrop((170, 204, 226), (140, 170, 150))
    rock = rgb((98, 92, 84)) * (0.55 + 0.9 * canvas.clouds(50))[..., None]
    canvas.paint(_from(canvas, -0.6, 0.05), rock)
    moss = np.clip(canvas.clouds(70) * 2.4 - 1.1, 0, 1) * _from(canvas, -0.7, 0.1)
    canvas.paint(moss, (70, 122, 52), 0.85)
    fall = canvas.mask(polygon([(-0.26, -0.62), (0.22, -0.62), (0.34, 0.62), (-0.36, 0.62)]))
    threads = 0.92 + 0.08 * canvas.noise(5)[canvas.height // 2]
    falling = np.broadcast_to(threads[:, None] * rgb((232, 242, 250)), canvas.pixels.shape)
    canvas.paint(fall, falling, 0.95)
    pool = _from(canvas, 0.6, 0.02)
    canvas.paint(pool, rgb((50, 120, 130)) * (0.7 + 0.6 * canvas.clouds(18))[..., None])
    canvas.flat(ellipse(0, 0.62, 0.62, 0.1), (250, 252, 255), 0.9, 0.07)


def fireworks(canvas: Canvas) -> None:
    _sky(canvas, [(-1, (6, 6, 24)), (1, (30, 22, 54))])
    tints: list[Colour] = [(255, 90, 90), (255, 220, 120), (120, 200, 255), (180, 255, 140)]
    for k, (x, y, r) in enumerate(
        ((-0.45, -0.3, 0.5), (0.5, -0.42, 0.42), (0.1, 0.1, 0.34), (0.9, 0.2, 0.3))
    ):
        for ray in range(34):
            a = 2 * math.pi * ray / 34 + canvas.rng.normal(0, 0.04)
            tip = (x + r * math.cos(a), y + r * math.sin(a) + 0.05)
            root = (x + 0.2 * r * math.cos(a), y + 0.2 * r * math.sin(a))
            canvas.flat(stroke([root, tip], 0.006, 0.016), tints[k], 0.85)
            canvas.flat(ellipse(tip[0], tip[1], 0.018), (255, 250, 230))
        _glow(canvas, x, y, r * 0.6, tints[k], 0.35)
    canvas.paint(_ridge(canvas, 0.84, 0.05, 0.2), (8, 8, 16))


def _from(canvas: Canvas, y: float, soft: float) -> Plane:
    """Everything below y, with a soft edge."""
    part: Plane = np.clip((canvas.down() - y) / max(soft, 0.005), 0, 1).astype(np.float32)
    return part


def _sky(canvas: Canvas, stops: list[tuple[float, Colour]]) -> None:
    y = canvas.down()[:, 0]
    heights = [stop[0] for stop in stops]
    bands = [np.interp(y, heights, [stop[1][c] for stop in stops]) for c in range(3)]
    canvas.pixels[:] = np.stack(bands, -1)[:, None]


def _clouds(canvas: Canvas, below: float) -> None:
    cover = np.clip(canvas.clouds(140) * 2.6 - 1.3, 0, 1)
    canvas.paint(cover * (1 - _from(canvas, below, 0.5)), (255, 255, 255), 0.9)


def _stars(canvas: Canvas, count: int, lowest: float) -> None:
    for _ in range(count):
        x, y = (
            canvas.rng.uniform(-canvas.right, canvas.right),
            canvas.rng.uniform(-canvas.bottom, lowest),
        )
        canvas.flat(ellipse(x, y, canvas.rng.uniform(0.004, 0.011)), (255, 252, 235), 0.9)


def _glow(
    canvas: Canvas, x: float, y: float, r: float, colour: Colour, strength: float = 0.7
) -> None:
    away = np.hypot(canvas.across() - x, canvas.down() - y)
    canvas.paint(np.exp(-((away / r) ** 2)).astype(np.float32), colour, strength)


def _ridge(canvas: Canvas, y: float, height: float, width: float) -> Plane:
    """Everything below a jagged line of hills."""
    x = canvas.across()[0]
    line = np.full_like(x, y)
    for k in range(5):
        phase, cell = canvas.rng.uniform(0, 6), width / 1.9**k
        line += height / 1.9**k * np.sin(x / cell * 2 + phase).astype(np.float32) * 0.6
    part: Plane = np.clip((canvas.down() - line[None]) * 60, 0, 1).astype(np.float32)
    return part


def _fir(
    canvas: Canvas, x: float, foot: float, size: float, colour: Colour, snowy: bool = False
) -> None:
    tree = [(0.0, -1.0), (0.16, -0.66), (0.09, -0.66), (0.24, -0.34), (0.13, -0.34), (0.32, 0.0)]
    outline = polygon(tree + [(-a, b) for a, b in tree[::-1]]) * size + (x, foot)
    area = canvas.solid(outline, colour=colour, puff=0.8, gloss=0, grain=0.12)
    if snowy:
        canvas.paint(area * np.clip(canvas.noise(7) + 0.3, 0, 1), (246, 250, 255), 0.8)


def _tree(canvas: Canvas, x: float, foot: float, size: float, leaves: Colour) -> None:
    def at(u: float, v: float) -> tuple[float, float]:
        return x + u * size, foot + v * size

    bark: Colour = (96, 70, 48)
    canvas.solid(
        stroke([at(0, 0.02), at(0.02, -0.4), at(0, -0.8)], 0.16 * size, 0.08 * size),
        colour=bark,
        grain=0.2,
        gloss=0,
    )
    for u in (-0.3, 0.32):
        canvas.solid(
            stroke([at(0, -0.45), at(u * 0.6, -0.66), at(u, -0.9)], 0.08 * size, 0.03 * size),
            colour=bark,
        )
    for _ in range(110):
        a, r = canvas.rng.uniform(0, 2 * math.pi), math.sqrt(canvas.rng.uniform(0, 1))
        u, v = 0.56 * r * math.cos(a), -1.0 + 0.46 * r * math.sin(a)
        light = 0.72 + 0.4 * (-0.5 * u - 0.8 * (v + 1.0)) + canvas.rng.normal(0, 0.1) + 0.25
        px, py = at(u, v)
        canvas.solid(
            ellipse(px, py, 0.1 * size, 0.085 * size),
            colour=scaled(leaves, light),
            puff=0.6,
            gloss=0,
            grain=0.2,
        )


def _flower(
    canvas: Canvas, x: float, y: float, size: float, petals: Colour, centre: Colour, rays: int
) -> None:
    if size > 0.05:
        canvas.flat(stroke([(x, y), (x + 0.01, y + size * 2)], size * 0.16), (58, 112, 44))
    tint = scaled(petals, canvas.rng.uniform(0.85, 1.08))
    head = star(x, y, size, size * 0.62, rays, canvas.rng.uniform(0, 60))
    if size > 0.05:
        canvas.solid(smooth([tuple(p) for p in head], 4), colour=tint, puff=0.3, gloss=0)
    else:
        canvas.flat(head, tint)
    canvas.flat(ellipse(x, y, size * 0.38), centre)


def _windows(canvas: Canvas, x: float, top: float, width: float, strength: float) -> None:
    for u in np.arange(x + 0.03, x + width - 0.04, 0.06):
        for v in np.arange(top + 0.04, 0.62, 0.075):
            if canvas.rng.uniform() < 0.55:
                warm = (255, canvas.rng.uniform(180, 230), canvas.rng.uniform(90, 170))
                pane = box(u + 0.018, v + 0.022, 0.036, 0.046)
                canvas.flat(pane, warm, strength * canvas.rng.uniform(0.6, 1))


def _palm(canvas: Canvas, x: float, foot: float) -> None:
    canvas.solid(
        stroke([(x, foot), (x + 0.06, 0.1), (x + 0.2, -0.4)], 0.1, 0.06),
        colour=(130, 98, 62),
        grain=0.2,
        gloss=0,
    )
    for a in (-170, -140, -105, -70, -40, -10, 15):
        dx, dy = math.cos(math.radians(a)), math.sin(math.radians(a))
        leaf = [
            (x + 0.2, -0.4),
            (x + 0.2 + 0.28 * dx, -0.42 + 0.26 * dy),
            (x + 0.2 + 0.52 * dx, -0.28 + 0.34 * dy),
        ]
        canvas.solid(stroke(leaf, 0.13, 0.02), colour=(52, 124, 52), puff=0.5, grain=0.15)
