"""Fruit and vegetables on a light table."""

from __future__ import annotations

import math

import numpy as np

from .canvas import Canvas, Colour, Plane, scaled
from .shapes import Outline, ellipse, smooth, stroke

_LEAF: Colour = (86, 150, 52)
_STALK: Colour = (104, 74, 40)


def apple(
    canvas: Canvas, colour: Colour, blush: Colour | None = None, streaks: Colour | None = None
) -> None:
    canvas.shadow(0.06, 0.74, 0.62, 0.13)
    _apple(canvas, colour, blush, streaks=streaks)


def apples(canvas: Canvas, colour: Colour, blush: Colour | None = None) -> None:
    """A heap, as on a market stall."""
    canvas.backdrop((70, 50, 34), (92, 66, 42))
    for row in range(4):
        for column in range(5):
            x = (column - 2) * 0.62 + (row % 2) * 0.3 + canvas.rng.normal(0, 0.03)
            y = -0.95 + row * 0.56 + canvas.rng.normal(0, 0.03)
            canvas.pose(canvas.rng.normal(0, 18), 0.48, x, y)
            _apple(canvas, _vary(canvas, colour), blush, leaf=False)
    canvas.pose()


def _apple(
    canvas: Canvas,
    colour: Colour,
    blush: Colour | None,
    leaf: bool = True,
    streaks: Colour | None = None,
) -> None:
    body = smooth(
        [(0, -0.54), (0.22, -0.66), (0.5, -0.6), (0.7, -0.32), (0.7, 0.06), (0.54, 0.46)]
        + [(0.28, 0.72), (0.1, 0.74), (0, 0.69), (-0.1, 0.74), (-0.28, 0.72), (-0.54, 0.46)]
        + [(-0.7, 0.06), (-0.7, -0.32), (-0.5, -0.6), (-0.22, -0.66)]
    )
    area = canvas.solid(body, colour=colour, puff=1.15, gloss=0.4, grain=0.025)
    if blush:
        glow = canvas.blur(canvas.mask(ellipse(0.25, -0.05, 0.42, 0.5)), 0.16) * area
        canvas.paint(glow, blush, 0.5)
    if streaks:
        _streaks(canvas, area, streaks)
    dimple = canvas.blur(canvas.mask(ellipse(0, -0.55, 0.2, 0.07)), 0.05) * area
    canvas.paint(dimple, scaled(colour, 0.35), 0.75)
    canvas.solid(stroke([(0.0, -0.53), (0.03, -0.7), (0.1, -0.86)], 0.05, 0.075), colour=_STALK)
    if leaf:
        outline = smooth([(0.06, -0.7), (0.2, -0.88), (0.48, -0.92), (0.38, -0.74), (0.2, -0.66)])
        canvas.solid(outline, colour=_LEAF, puff=0.5)


def _streaks(canvas: Canvas, area: Plane, colour: Colour) -> None:
    """Fine stripes from the stalk down, as sun leaves them, and the dots of the skin."""
    for _ in range(70):
        x, length = canvas.rng.uniform(-0.68, 0.68), canvas.rng.uniform(0.15, 0.6)
        line = stroke(
            [(x * 0.35, -0.56), (x * 0.8, -0.56 + length / 2), (x, -0.5 + length)], 0.022, 0.004
        )
        canvas.paint(canvas.mask(line) * area, colour, canvas.rng.uniform(0.1, 0.4))
    for _ in range(60):
        x, y = canvas.rng.uniform(-0.65, 0.65), canvas.rng.uniform(-0.4, 0.65)
        canvas.paint(canvas.mask(ellipse(x, y, 0.008)) * area, scaled(colour, 1.1), 0.45)


def banana(canvas: Canvas, count: int = 1) -> None:
    canvas.shadow(0, 0.55, 0.7, 0.12)
    for i in range(count):
        canvas.pose(canvas.rng.normal(-6, 3) + i * 13, 1, 0, -0.1 + 0.06 * i)
        outline = smooth(
            [(-0.86, -0.46), (-0.76, -0.5), (-0.68, -0.3), (-0.4, 0.06), (0, 0.2), (0.42, 0.1)]
            + [(0.74, -0.16), (0.84, -0.14), (0.86, -0.02), (0.66, 0.28), (0.3, 0.54)]
            + [(-0.12, 0.58), (-0.52, 0.36), (-0.78, -0.06)]
        )
        area = canvas.solid(outline, colour=(246, 212, 56), puff=1.0, gloss=0.12, grain=0.02)
        ridge = stroke([(-0.74, -0.28), (-0.44, 0.24), (-0.06, 0.4), (0.36, 0.32), (0.76, 0)], 0.03)
        canvas.paint(canvas.blur(canvas.mask(ridge), 0.012) * area, (196, 152, 30), 0.5)
        for x, y, r in ((-0.82, -0.46, 0.07), (0.83, -0.09, 0.06)):
            canvas.paint(canvas.blur(canvas.mask(ellipse(x, y, r)), 0.03) * area, (92, 74, 30), 0.9)
    canvas.pose()


def citrus(canvas: Canvas, colour: Colour, pointed: bool = False) -> None:
    """An orange, or pointed at both ends a lemon; half of one lies beside it."""
    canvas.shadow(0, 0.62, 0.62, 0.13)
    whole = ellipse(-0.24, 0.02, 0.56, 0.56)
    if pointed:
        whole = smooth(
            [(-0.94, 0.02), (-0.82, -0.1), (-0.6, -0.36), (-0.2, -0.46), (0.2, -0.34), (0.42, -0.1)]
            + [(0.54, 0.02), (0.42, 0.16), (0.2, 0.4), (-0.2, 0.5), (-0.6, 0.38), (-0.82, 0.14)]
        )
    canvas.solid(whole, colour=colour, puff=1.1, gloss=0.28, grain=0.05)
    _half(canvas, 0.48, 0.34, 0.36, colour)


def _half(canvas: Canvas, x: float, y: float, r: float, colour: Colour) -> None:
    canvas.solid(ellipse(x, y, r), colour=colour, puff=0.3, gloss=0.05)
    canvas.flat(ellipse(x, y, r * 0.92), (250, 240, 214))
    flesh = scaled(colour, 1.08)
    for k in range(9):
        a = 2 * math.pi * k / 9 + 0.2
        outline = [(0.1, 0.0), (0.72, -0.24), (0.84, 0.0), (0.72, 0.24)]
        turned = smooth(
            [
                (
                    x + r * (u * math.cos(a) - v * math.sin(a)),
                    y + r * (u * math.sin(a) + v * math.cos(a)),
                )
                for u, v in outline
            ]
        )
        canvas.solid(turned, colour=flesh, puff=0.5, gloss=0.2)


def pear(canvas: Canvas, colour: Colour, blush: Colour | None = None) -> None:
    canvas.shadow(0.05, 0.84, 0.52, 0.11)
    body = smooth(
        [(0, -0.66), (0.16, -0.6), (0.24, -0.36), (0.32, -0.08), (0.52, 0.24), (0.54, 0.54)]
        + [(0.36, 0.8), (0, 0.86), (-0.36, 0.8), (-0.54, 0.54), (-0.52, 0.24), (-0.32, -0.08)]
        + [(-0.24, -0.36), (-0.16, -0.6)]
    )
    area = canvas.solid(body, colour=colour, puff=1.1, gloss=0.25, grain=0.04)
    if blush:
        glow = canvas.blur(canvas.mask(ellipse(0.22, 0.3, 0.3, 0.4)), 0.12) * area
        canvas.paint(glow, blush, 0.5)
    canvas.solid(stroke([(0, -0.62), (0.02, -0.78), (0.1, -0.92)], 0.05, 0.07), colour=_STALK)


def grapes(canvas: Canvas, colour: Colour) -> None:
    canvas.shadow(0, 0.86, 0.4, 0.1, 0.3)
    canvas.solid(stroke([(0, -0.5), (0.03, -0.75), (0.14, -0.92)], 0.05, 0.06), colour=_STALK)
    leaf = [(0.05, -0.66), (0.3, -0.92), (0.42, -0.74), (0.68, -0.72), (0.54, -0.54), (0.3, -0.5)]
    canvas.solid(smooth(leaf), colour=_LEAF, puff=0.4)
    for row, count in enumerate((4, 5, 5, 4, 4, 3, 2, 1)):
        for k in range(count):
            x = (k - (count - 1) / 2) * 0.24 + canvas.rng.normal(0, 0.025)
            y = -0.46 + row * 0.175 + canvas.rng.normal(0, 0.02)
            berry = ellipse(x, y, 0.145, 0.155)
            canvas.paint(canvas.blur(canvas.mask(ellipse(x, y, 0.15)), 0.04), (20, 14, 24), 0.4)
            canvas.solid(berry, colour=_vary(canvas, colour), puff=1.2, gloss=0.4)


def strawberry(canvas: Canvas) -> None:
    canvas.shadow(0, 0.84, 0.34, 0.09)
    body = smooth(
        [(0, -0.5), (0.34, -0.56), (0.6, -0.4), (0.62, -0.1), (0.44, 0.34), (0.16, 0.74)]
        + [(0, 0.84), (-0.16, 0.74), (-0.44, 0.34), (-0.62, -0.1), (-0.6, -0.4), (-0.34, -0.56)]
    )
    area = canvas.solid(body, colour=(216, 30, 36), puff=1.1, gloss=0.4)
    for row in range(8):
        for k in range(7):
            x, y = (k - 3) * 0.19 + (row % 2) * 0.095, -0.38 + row * 0.16
            canvas.paint(canvas.mask(ellipse(x, y, 0.03, 0.042)) * area, (120, 10, 20), 0.5)
            canvas.paint(canvas.mask(ellipse(x, y, 0.017, 0.03)) * area, (246, 206, 96), 0.95)
    for k in range(7):
        a = math.radians(-150 + 40 * k + canvas.rng.normal(0, 6))
        x, y = 0.44 * math.cos(a), -0.5 + 0.26 * math.sin(a) * (1 if k in (0, 6) else 0.8)
        leaf = smooth(
            [(0.0, -0.56), (x * 0.6 + 0.06, y - 0.07), (x, y), (x * 0.6 - 0.06, y + 0.07)]
        )
        canvas.solid(leaf, colour=(70, 140, 46), puff=0.5)
    canvas.solid(stroke([(0, -0.55), (0.05, -0.8)], 0.06), colour=(90, 150, 60))


def cherries(canvas: Canvas) -> None:
    canvas.shadow(0, 0.72, 0.66, 0.12)
    for x, end in ((-0.36, -0.26), (0.36, 0.3)):
        canvas.solid(
            stroke([(0.06, -0.86), (end * 0.5, -0.45), (x, 0.1)], 0.045), colour=(112, 138, 52)
        )
    leaf = smooth([(0.06, -0.86), (0.3, -0.98), (0.66, -0.86), (0.4, -0.7), (0.18, -0.74)])
    canvas.solid(leaf, colour=_LEAF, puff=0.5)
    for x in (-0.38, 0.36):
        body = smooth(
            [(x, 0.04), (x + 0.2, 0.0), (x + 0.37, 0.2), (x + 0.33, 0.5), (x, 0.72)]
            + [(x - 0.33, 0.5), (x - 0.37, 0.2), (x - 0.2, 0.0)]
        )
        canvas.solid(body, colour=(176, 14, 34), puff=1.2, gloss=0.55)


def watermelon(canvas: Canvas) -> None:
    """One slice, rind down."""
    canvas.shadow(0, 0.62, 0.8, 0.1)
    t = np.linspace(0, np.pi, 40)

    def wedge(r: float) -> Outline:
        return np.stack([r * np.cos(t), -0.36 + r * np.sin(t)], 1)

    canvas.solid(wedge(0.94), colour=(42, 122, 48), puff=0.4, gloss=0.1)
    canvas.flat(wedge(0.86), (224, 238, 190))
    area = canvas.solid(wedge(0.8), colour=(236, 62, 70), puff=0.25, gloss=0.1, grain=0.05)
    for r, count in ((0.3, 4), (0.5, 7), (0.67, 9)):
        for k in range(count):
            a = math.pi * (k + 0.5) / count
            seed = ellipse(
                r * math.cos(a), -0.36 + r * math.sin(a), 0.022, 0.04, math.degrees(a) - 90
            )
            canvas.paint(canvas.mask(seed) * area, (34, 22, 20))


def pineapple(canvas: Canvas) -> None:
    canvas.shadow(0, 0.9, 0.42, 0.09)
    for k in range(13):
        lean = (k - 6) / 6 * 0.55
        tip = (lean * 1.1, -0.98 + abs(lean) * 0.6)
        leaf = stroke([(lean * 0.25, -0.2), (lean * 0.55, -0.55), tip], 0.16, 0.01)
        canvas.solid(leaf, colour=_vary(canvas, (70, 128, 58)), puff=0.5)
    area = canvas.solid(ellipse(0, 0.33, 0.43, 0.58), colour=(214, 152, 44), puff=1.1, gloss=0.1)
    for k in range(-7, 8):
        for lean in (0.75, -0.75):
            line = stroke([(k * 0.17 - lean, -0.4), (k * 0.17 + lean, 1.06)], 0.028)
            canvas.paint(canvas.mask(line) * area, (132, 84, 22), 0.7)
    for row in range(9):
        for k in range(-4, 5):
            x, y = k * 0.17 + (row % 2) * 0.085, -0.2 + row * 0.128
            canvas.paint(
                canvas.blur(canvas.mask(ellipse(x, y, 0.03)), 0.015) * area, (250, 210, 110), 0.7
            )


def tomatoes(canvas: Canvas) -> None:
    """Ripe ones, still on their vine."""
    green = (74, 136, 50)
    canvas.shadow(0, 0.62, 0.8, 0.12)
    places = (
        (-0.5, 0.24, 0.34),
        (0.52, 0.26, 0.33),
        (0.0, 0.32, 0.36),
        (-0.3, -0.28, 0.3),
        (0.34, -0.26, 0.3),
    )
    vine = [(-0.94, -0.5), (-0.4, -0.62), (0.1, -0.5), (0.5, -0.64), (0.9, -0.56)]
    canvas.solid(stroke(vine, 0.06), colour=green)
    for x, y, r in places[::-1]:
        body = ellipse(x, y, r * 1.06, r * 0.94)
        canvas.paint(canvas.blur(canvas.mask(ellipse(x, y, r * 1.08)), 0.05), (60, 14, 8), 0.4)
        canvas.solid(body, colour=_vary(canvas, (226, 58, 24)), puff=1.15, gloss=0.6)
        top = y - r * 0.72
        canvas.solid(
            stroke([(x, top), (x * 0.8, top - 0.14), (x * 0.7, -0.56)], 0.04), colour=green
        )
        for k in range(6):
            a = math.radians(k * 60 + 12)
            tip = (x + r * 0.62 * math.cos(a), top + r * 0.3 * math.sin(a))
            canvas.solid(stroke([(x, top), tip], 0.09, 0.01), colour=(58, 124, 40), puff=0.5)


def carrot(canvas: Canvas) -> None:
    canvas.pose(canvas.rng.normal(38, 4))
    for k in range(9):
        lean = (k - 4) * 0.09
        leaf = stroke([(0, -0.5), (lean, -0.76), (lean * 2.3, -1.02)], 0.07, 0.02)
        canvas.solid(leaf, colour=_vary(canvas, (64, 142, 50)), puff=0.5)
    body = smooth(
        [(0, -0.56), (0.2, -0.52), (0.22, -0.3), (0.12, 0.3), (0.03, 0.9), (-0.03, 0.9)]
        + [(-0.12, 0.3), (-0.22, -0.3), (-0.2, -0.52)]
    )
    area = canvas.mask(body)
    canvas.cast(area)
    canvas.solid(body, colour=(240, 124, 34), puff=1.1, gloss=0.2)
    for y in np.arange(-0.4, 0.7, 0.13):
        mark = canvas.blur(canvas.mask(ellipse(canvas.rng.normal(0, 0.08), y, 0.07, 0.008)), 0.006)
        canvas.paint(mark * area, (168, 78, 14), 0.6)
    canvas.pose()


def _vary(canvas: Canvas, colour: Colour) -> Colour:
    """The same colour, a little lighter or darker."""
    return scaled(colour, 1 + canvas.rng.normal(0, 0.05))
