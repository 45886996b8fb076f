"""Vehicles on the road, on the water and in the air."""

from __future__ import annotations

import math

import numpy as np

from .canvas import Canvas, Colour, rgb, scaled
from .shapes import Points, box, ellipse, polygon, smooth, stroke

_GLASS: Colour = (88, 110, 128)
_TYRE: Colour = (34, 34, 36)
_CHROME: Colour = (190, 192, 198)


def car(canvas: Canvas, colour: Colour, taxi: bool = False) -> None:
    _road(canvas, 0.36)
    canvas.shadow(0, 0.5, 1.08, 0.07, 0.6)
    body = smooth(
        [
            (-1.12, 0.32),
            (-1.14, 0.08),
            (-0.96, -0.06),
            (-0.62, -0.12),
            (-0.4, -0.36),
            (-0.12, -0.46),
        ]
        + [(0.3, -0.46), (0.56, -0.32), (0.78, -0.1), (1.06, -0.02), (1.16, 0.14), (1.14, 0.34)]
        + [(0.9, 0.4), (-0.9, 0.4)]
    )
    area = canvas.solid(body, colour=colour, puff=0.8, gloss=0.45)
    front = smooth([(-0.54, -0.12), (-0.36, -0.32), (-0.12, -0.39), (0.02, -0.39), (0.02, -0.11)])
    back = smooth([(0.09, -0.39), (0.28, -0.39), (0.48, -0.3), (0.64, -0.11), (0.09, -0.11)])
    for window in (front, back):
        canvas.solid(window, colour=_GLASS, puff=0.5, gloss=0.3)
    canvas.paint(canvas.mask(box(0, 0.36, 2.4, 0.1)) * area, (30, 30, 32), 0.8)
    for line in (
        [(0.05, -0.1), (0.06, 0.15), (0.05, 0.32)],
        [(-0.55, -0.08), (-0.52, 0.1), (-0.5, 0.3)],
    ):
        canvas.paint(canvas.mask(stroke(line, 0.012)) * area, (20, 20, 24), 0.6)
    canvas.flat(box(-0.04, 0.0, 0.13, 0.025, 0.01), _CHROME)
    canvas.solid(ellipse(-1.05, 0.08, 0.09, 0.06), colour=(250, 246, 220), gloss=0.5)
    canvas.solid(ellipse(1.1, 0.1, 0.05, 0.07), colour=(190, 20, 20), gloss=0.3)
    if taxi:
        canvas.solid(box(0.06, -0.53, 0.3, 0.11, 0.03), colour=(250, 250, 240))
        for k in range(16):
            x = -0.9 + k * 0.12
            canvas.paint(canvas.mask(box(x, 0.1 + 0.05 * (k % 2), 0.12, 0.05)) * area, (30, 30, 30))
    for x in (-0.66, 0.68):
        _wheel(canvas, x, 0.36, 0.23)


def bus(canvas: Canvas, colour: Colour, decks: int = 1) -> None:
    _road(canvas, 0.5)
    canvas.shadow(0, 0.66, 1.1, 0.07, 0.6)
    top = -0.34 if decks == 1 else -0.78
    canvas.solid(
        box(0, (top + 0.58) / 2, 2.2, 0.58 - top, 0.12), colour=colour, puff=0.45, gloss=0.25
    )
    for deck in range(decks):
        y = top + 0.26 + deck * 0.5
        for k in range(6):
            canvas.solid(
                box(-0.78 + k * 0.32, y, 0.27, 0.28, 0.03), colour=_GLASS, puff=0.3, gloss=0.25
            )
        canvas.flat(box(1.02, y, 0.1, 0.28, 0.03), _GLASS)
    canvas.flat(box(0, 0.36, 2.18, 0.035), (30, 28, 26), 0.8)
    canvas.solid(box(0.8, 0.26, 0.26, 0.5, 0.02), colour=(70, 84, 96), puff=0.2)
    canvas.solid(ellipse(1.06, 0.46, 0.05), colour=(250, 246, 220), gloss=0.5)
    for x in (-0.64, 0.48):
        _wheel(canvas, x, 0.56, 0.17)


def lorry(canvas: Canvas, colour: Colour, load: Colour) -> None:
    _road(canvas, 0.44)
    canvas.shadow(0, 0.62, 1.1, 0.07, 0.6)
    canvas.solid(box(-0.32, -0.16, 1.52, 0.98, 0.04), colour=load, puff=0.3, gloss=0.15)
    cab = smooth([(0.5, -0.34), (0.86, -0.34), (1.02, 0.0), (1.12, 0.1), (1.12, 0.46), (0.5, 0.46)])
    canvas.solid(cab, colour=colour, puff=0.6, gloss=0.35)
    canvas.solid(
        polygon([(0.66, -0.24), (0.84, -0.24), (0.96, 0.04), (0.66, 0.04)]), colour=_GLASS, puff=0.4
    )
    canvas.flat(box(0, 0.42, 2.14, 0.1), (44, 44, 48))
    for x in (-0.76, -0.4, 0.82):
        _wheel(canvas, x, 0.48, 0.18)


def bicycle(canvas: Canvas, colour: Colour) -> None:
    canvas.shadow(0, 0.64, 0.98, 0.05, 0.3)
    for x in (-0.58, 0.6):
        ring = canvas.mask(ellipse(x, 0.2, 0.43)) - canvas.mask(ellipse(x, 0.2, 0.385))
        canvas.solid(colour=_TYRE, area=np.clip(ring, 0, 1), gloss=0.1)
        for k in range(12):
            a = math.pi * k / 6
            rim = (x + 0.38 * math.cos(a), 0.2 + 0.38 * math.sin(a))
            canvas.flat(stroke([(x, 0.2), rim], 0.009), (150, 152, 156), 0.8)
        canvas.solid(ellipse(x, 0.2, 0.04), colour=_CHROME)
    tubes: list[Points] = [[(-0.58, 0.2), (-0.02, 0.22)], [(-0.58, 0.2), (-0.2, -0.3)]]
    tubes += [
        [(-0.02, 0.22), (-0.24, -0.42)],
        [(-0.2, -0.3), (0.4, -0.32)],
        [(-0.02, 0.22), (0.42, -0.24)],
    ]
    tubes += [[(0.36, -0.48), (0.44, -0.2), (0.6, 0.2)]]
    for tube in tubes:
        canvas.solid(stroke(tube, 0.055), colour=colour, gloss=0.4)
    canvas.solid(stroke([(0.26, -0.54), (0.36, -0.5), (0.56, -0.52)], 0.05), colour=_TYRE)
    canvas.solid(smooth([(-0.4, -0.48), (-0.24, -0.5), (-0.06, -0.46), (-0.2, -0.4)]), colour=_TYRE)
    canvas.solid(ellipse(-0.02, 0.22, 0.09), colour=_CHROME)
    canvas.solid(stroke([(-0.02, 0.22), (0.08, 0.4)], 0.03), colour=(60, 60, 62))


def sailing_boat(canvas: Canvas, sail: Colour, hull: Colour) -> None:
    canvas.backdrop((120, 176, 226), (206, 228, 242))
    _clouds(canvas)
    sea = (canvas.down() > 0.36).astype(np.float32)
    waves = canvas.clouds(50)[..., None] * rgb((40, 50, 46)) + rgb((28, 92, 140))
    canvas.paint(sea, waves)
    canvas.solid(stroke([(0, -0.86), (0, 0.0), (0, 0.46)], 0.03), colour=(96, 70, 46))
    canvas.solid(
        smooth([(-0.05, -0.78), (-0.2, -0.3), (-0.6, 0.26), (-0.05, 0.26)]),
        colour=sail,
        puff=0.5,
        gloss=0,
    )
    canvas.solid(
        smooth([(0.05, -0.84), (0.4, -0.3), (0.62, 0.3), (0.05, 0.3)]),
        colour=sail,
        puff=0.5,
        gloss=0,
    )
    boat = smooth([(-0.72, 0.4), (0, 0.44), (0.82, 0.36), (0.6, 0.66), (0, 0.7), (-0.5, 0.66)])
    canvas.solid(boat, colour=hull, puff=0.8, gloss=0.3)
    canvas.flat(ellipse(0.03, 0.72, 0.74, 0.05), (210, 230, 240), 0.5, 0.02)


def aeroplane(canvas: Canvas, colour: Colour, tail: Colour) -> None:
    canvas.backdrop((64, 128, 206), (170, 206, 238))
    _clouds(canvas)
    canvas.pose(canvas.rng.normal(-10, 2), 1.15)
    far = polygon([(0.1, -0.06), (0.34, -0.06), (0.02, -0.5), (-0.1, -0.5)])
    canvas.solid(far, colour=scaled(colour, 0.8), puff=0.3)
    body = smooth(
        [(-0.98, -0.08), (-0.6, -0.12), (0, -0.14), (0.6, -0.13), (0.88, -0.06), (0.96, 0.03)]
        + [(0.84, 0.1), (0.4, 0.14), (-0.4, 0.1), (-0.86, 0.0)]
    )
    canvas.solid(body, colour=colour, puff=1.0, gloss=0.3)
    canvas.solid(
        polygon([(-0.98, -0.46), (-0.84, -0.46), (-0.6, -0.1), (-0.92, -0.08)]),
        colour=tail,
        puff=0.3,
    )
    canvas.solid(
        polygon([(-0.9, -0.02), (-0.66, -0.02), (-0.98, 0.16), (-1.06, 0.16)]),
        colour=tail,
        puff=0.3,
    )
    near = polygon([(-0.1, 0.04), (0.28, 0.06), (-0.3, 0.6), (-0.44, 0.6)])
    canvas.solid(near, colour=scaled(colour, 0.94), puff=0.3)
    canvas.solid(box(-0.02, 0.27, 0.24, 0.12, 0.05), colour=(120, 126, 136), gloss=0.4)
    for k in range(12):
        canvas.flat(ellipse(-0.5 + k * 0.1, -0.03, 0.022, 0.028), (50, 66, 88))
    canvas.flat(polygon([(0.78, -0.07), (0.88, -0.03), (0.86, 0.0), (0.76, -0.01)]), (40, 50, 66))
    canvas.pose()


def balloon(canvas: Canvas, colours: tuple[Colour, Colour]) -> None:
    """A hot-air balloon over hills."""
    canvas.backdrop((92, 156, 222), (214, 232, 244))
    _clouds(canvas)
    hills = smooth(
        [(-2, 0.82), (-0.8, 0.7), (0.1, 0.86), (0.9, 0.74), (2, 0.84), (2, 1.4), (-2, 1.4)]
    )
    canvas.solid(hills, colour=(96, 140, 74), puff=0.2, gloss=0, grain=0.08)
    canvas.pose(0, 0.86, 0.05, -0.1)
    right = [(0.0, -0.92), (0.36, -0.84), (0.62, -0.5), (0.6, -0.1), (0.34, 0.26), (0.12, 0.46)]
    outline = smooth(right + [(-x, y) for x, y in right[:0:-1]])
    area = canvas.mask(outline)
    stripes = np.zeros_like(area)
    for width in (0.95, 0.45):
        gore = smooth(
            [(x * width, y) for x, y in right] + [(-x * width, y) for x, y in right[:0:-1]]
        )
        inner = smooth(
            [(x * (width - 0.25), y) for x, y in right]
            + [(-x * (width - 0.25), y) for x, y in right[:0:-1]]
        )
        stripes += np.clip(canvas.mask(gore) - canvas.mask(inner), 0, 1)
    canvas.solid(colour=colours[0], area=area, puff=1.0, gloss=0.1)
    canvas.solid(colour=colours[1], area=stripes * area, puff=0.5, gloss=0.1)
    for x in (-0.09, 0.09):
        canvas.flat(stroke([(x * 1.2, 0.46), (x, 0.66)], 0.012), (60, 50, 40))
    canvas.solid(box(0, 0.74, 0.24, 0.18, 0.03), colour=(140, 92, 48), grain=0.1)
    canvas.pose()


def train(canvas: Canvas, colour: Colour) -> None:
    canvas.backdrop((160, 200, 232), (226, 236, 240))
    canvas.paint((canvas.down() > 0.3).astype(np.float32), (112, 130, 78))
    canvas.flat(box(0, 0.62, 6, 0.14), (120, 108, 96))
    canvas.flat(box(0, 0.57, 6, 0.03), (80, 78, 80))
    nose = smooth([(-3, -0.3), (0.6, -0.3), (0.98, -0.18), (1.26, 0.2), (1.28, 0.44), (-3, 0.44)])
    area = canvas.solid(nose, colour=(236, 238, 240), puff=0.5, gloss=0.25)
    canvas.paint(canvas.mask(box(0, 0.3, 6, 0.22)) * area, colour, 0.95)
    canvas.solid(
        polygon([(0.84, -0.16), (0.98, -0.12), (1.14, 0.08), (0.86, 0.08)]), colour=_GLASS, puff=0.4
    )
    for k in range(8):
        canvas.solid(box(0.6 - k * 0.36, -0.04, 0.27, 0.2, 0.04), colour=_GLASS, puff=0.3)
    for x in (-1.1, -0.84, 0.5, 0.76):
        canvas.solid(ellipse(x, 0.49, 0.09), colour=_TYRE)


def motorcycle(canvas: Canvas, colour: Colour) -> None:
    canvas.shadow(0, 0.66, 1.0, 0.06, 0.4)
    for x in (-0.62, 0.66):
        ring = canvas.mask(ellipse(x, 0.3, 0.37)) - canvas.mask(ellipse(x, 0.3, 0.23))
        canvas.solid(colour=_TYRE, area=np.clip(ring, 0, 1), gloss=0.1)
        canvas.solid(ellipse(x, 0.3, 0.1), colour=_CHROME, gloss=0.4)
        for k in range(5):
            a = 2 * math.pi * k / 5
            spoke = [(x, 0.3), (x + 0.24 * math.cos(a), 0.3 + 0.24 * math.sin(a))]
            canvas.solid(stroke(spoke, 0.045), colour=_CHROME)
    canvas.solid(
        stroke([(0.66, 0.3), (0.46, -0.1), (0.36, -0.36)], 0.07), colour=_CHROME, gloss=0.5
    )
    canvas.solid(box(-0.02, 0.22, 0.56, 0.36, 0.08), colour=(92, 94, 98), gloss=0.4, grain=0.1)
    canvas.solid(stroke([(0.0, 0.4), (-0.4, 0.44), (-0.86, 0.38)], 0.1), colour=_CHROME, gloss=0.6)
    tank = smooth(
        [(-0.16, -0.1), (0.0, -0.32), (0.28, -0.32), (0.42, -0.14), (0.2, 0.06), (-0.1, 0.04)]
    )
    canvas.solid(tank, colour=colour, gloss=0.6)
    canvas.solid(
        smooth([(-0.8, -0.2), (-0.5, -0.12), (-0.12, -0.14), (-0.14, 0.02), (-0.6, 0.02)]),
        colour=(30, 28, 30),
    )
    canvas.solid(
        smooth([(-1.0, 0.06), (-0.8, -0.12), (-0.4, -0.04), (-0.5, 0.08), (-0.8, 0.04)]),
        colour=colour,
        gloss=0.4,
    )
    canvas.solid(stroke([(0.2, -0.5), (0.34, -0.42), (0.4, -0.34)], 0.05), colour=_TYRE)
    canvas.solid(ellipse(0.5, -0.28, 0.12), colour=(244, 240, 224), gloss=0.5)


def _wheel(canvas: Canvas, x: float, y: float, r: float) -> None:
    canvas.flat(ellipse(x, y - 0.02, r * 1.15), (20, 20, 22))
    canvas.solid(ellipse(x, y, r), colour=_TYRE, puff=0.4, gloss=0.05)
    canvas.solid(ellipse(x, y, r * 0.6), colour=_CHROME, puff=0.4, gloss=0.3)
    for k in range(5):
        a = 2 * math.pi * k / 5 + 0.3
        hole = ellipse(x + r * 0.36 * math.cos(a), y + r * 0.36 * math.sin(a), r * 0.11)
        canvas.flat(hole, (60, 60, 64))
    canvas.solid(ellipse(x, y, r * 0.14), colour=(120, 120, 126))


def _road(canvas: Canvas, horizon: float) -> None:
    canvas.backdrop((206, 220, 232), (238, 240, 240))
    ground = (canvas.down() > horizon).astype(np.float32)
    asphalt = rgb((136, 136, 138)) * (1 + 0.05 * canvas.noise(2))[..., None]
    canvas.paint(ground, asphalt)


def _clouds(canvas: Canvas) -> None:
    puffs = np.clip(canvas.clouds(130) * 2.4 - 1.25, 0, 1)
    high = np.clip((0.3 - canvas.down()) / 0.6, 0, 1)
    canvas.paint(puffs * high, (255, 255, 255), 0.85)
