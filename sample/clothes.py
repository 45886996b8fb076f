"""Clothes, shoes and bags as a shop photographs them: laid flat on white."""

from __future__ import annotations

import numpy as np

from .canvas import Canvas, Colour, Plane, scaled
from .shapes import Outline, box, ellipse, mirror, polygon, smooth, stroke


def t_shirt(canvas: Canvas, colour: Colour, stripes: Colour | None = None) -> None:
    half = [(0.14, -0.72), (0.34, -0.72), (0.52, -0.64), (0.92, -0.26), (0.68, 0.0), (0.5, -0.16)]
    half += [(0.48, 0.3), (0.5, 0.84)]
    body = _symmetric([*half, (0.25, 0.87)])
    area = _cloth(canvas, body, colour)
    if stripes:
        for y in np.arange(-0.5, 0.85, 0.17):
            canvas.paint(canvas.mask(box(0, y, 2.2, 0.075)) * area, stripes, 0.85)
    for sign in (1, -1):
        fold = stroke([(sign * 0.5, -0.56), (sign * 0.46, -0.34), (sign * 0.5, -0.1)], 0.03)
        _crease(canvas, fold, area)
    canvas.paint(canvas.mask(ellipse(0, -0.73, 0.2, 0.14)) * area, scaled(colour, 0.55))
    rim = canvas.mask(ellipse(0, -0.73, 0.225, 0.165)) - canvas.mask(ellipse(0, -0.73, 0.19, 0.13))
    canvas.paint(np.clip(rim, 0, 1) * area, scaled(colour, 0.85))
    _crease(canvas, stroke([(-0.49, 0.79), (0, 0.81), (0.49, 0.79)], 0.012), area)


def dress(canvas: Canvas, colour: Colour, dots: Colour | None = None) -> None:
    half = [(0.12, -0.9), (0.24, -0.92), (0.3, -0.6), (0.24, -0.34), (0.2, -0.2), (0.34, 0.2)]
    half += [(0.62, 0.86), (0.34, 0.93)]
    area = _cloth(canvas, _symmetric([(0.08, -0.66), *half], neck=-0.62), colour)
    if dots:
        for row in range(14):
            for k in range(-5, 6):
                x, y = k * 0.15 + (row % 2) * 0.075, -0.85 + row * 0.135
                canvas.paint(canvas.mask(ellipse(x, y, 0.032)) * area, dots)
    for x in (-0.36, -0.18, 0.0, 0.18, 0.36):
        _crease(
            canvas, stroke([(x * 0.35, -0.14), (x * 0.8, 0.3), (x * 1.3, 0.9)], 0.01, 0.06), area
        )
    belt = canvas.mask(box(0, -0.2, 0.9, 0.07)) * area
    canvas.paint(belt, scaled(colour, 0.6))


def trousers(canvas: Canvas, colour: Colour, stitches: Colour | None = None) -> None:
    half = [(0.34, -0.92), (0.4, -0.6), (0.42, -0.2), (0.38, 0.4), (0.36, 0.92), (0.1, 0.92)]
    half += [(0.08, 0.3), (0.01, -0.3)]
    outline = polygon(half + [(-x, y) for x, y in half[::-1]])
    area = _cloth(canvas, outline, colour)
    canvas.paint(canvas.mask(box(0, -0.88, 0.8, 0.09)) * area, scaled(colour, 0.8))
    _crease(canvas, stroke([(0, -0.82), (0.02, -0.55), (0, -0.32)], 0.02), area)
    line = stitches or scaled(colour, 0.6)
    for sign in (1, -1):
        pocket = stroke([(sign * 0.22, -0.83), (sign * 0.26, -0.7), (sign * 0.4, -0.64)], 0.014)
        canvas.paint(canvas.mask(pocket) * area, line)
        seam = stroke([(sign * 0.36, -0.6), (sign * 0.37, 0.2), (sign * 0.33, 0.9)], 0.008)
        canvas.paint(canvas.mask(seam) * area, line, 0.7)
        _crease(canvas, stroke([(sign * 0.2, -0.3), (sign * 0.24, 0.1)], 0.05, 0.01), area)
    if stitches:
        for x, y in ((-0.22, 0.1), (0.22, 0.14)):
            worn = canvas.blur(canvas.mask(ellipse(x, y, 0.08, 0.4)), 0.08)
            canvas.paint(worn * area, (190, 205, 225), 0.35)
        canvas.flat(ellipse(0, -0.88, 0.025), (196, 160, 90))


def skirt(canvas: Canvas, colour: Colour) -> None:
    half = [(0.34, -0.6), (0.44, -0.2), (0.78, 0.62), (0.4, 0.7)]
    area = _cloth(canvas, _symmetric(half, neck=-0.58), colour)
    for x in np.linspace(-0.75, 0.75, 9):
        _crease(canvas, stroke([(x * 0.42, -0.48), (x * 0.7, 0.1), (x, 0.7)], 0.012, 0.05), area)
    canvas.paint(canvas.mask(box(0, -0.55, 1, 0.1)) * area, scaled(colour, 0.7))


def sneaker(canvas: Canvas, colour: Colour, sole: Colour = (244, 242, 238)) -> None:
    canvas.shadow(0, 0.5, 0.9, 0.07)
    upper = smooth(
        [(-0.86, -0.42), (-0.6, -0.36), (-0.36, -0.5), (-0.18, -0.44), (0.06, -0.12), (0.4, 0.02)]
        + [(0.78, 0.14), (0.9, 0.34), (0.5, 0.42), (-0.4, 0.42), (-0.86, 0.38), (-0.9, 0)]
    )
    area = canvas.solid(upper, colour=colour, puff=0.8, gloss=0.15, grain=0.04)
    canvas.solid(ellipse(-0.6, -0.42, 0.24, 0.08, 3), colour=scaled(colour, 0.35), gloss=0)
    toe = canvas.mask(ellipse(0.82, 0.4, 0.36, 0.36)) * area
    canvas.paint(toe, sole, 0.85)
    stripe = smooth([(-0.62, 0.36), (-0.3, 0.02), (0.14, 0.06), (-0.2, 0.14), (-0.46, 0.36)])
    canvas.paint(canvas.mask(stripe) * area, sole, 0.95)
    for k in range(5):
        x, y = -0.2 + k * 0.1, -0.38 + k * 0.095
        canvas.solid(
            stroke([(x - 0.06, y + 0.1), (x + 0.09, y - 0.02)], 0.045), colour=(250, 250, 248)
        )
    bottom = smooth(
        [(-0.94, 0.34), (-0.3, 0.38), (0.4, 0.38), (0.94, 0.3), (0.95, 0.44), (0.8, 0.53)]
        + [(0, 0.54), (-0.84, 0.54), (-0.96, 0.46)]
    )
    canvas.solid(bottom, colour=sole, puff=0.5, gloss=0.1)


def boot(canvas: Canvas, colour: Colour) -> None:
    canvas.shadow(0.05, 0.88, 0.66, 0.07)
    outline = smooth(
        [(-0.5, -0.86), (-0.1, -0.9), (0.14, -0.86), (0.12, -0.3), (0.2, 0.22), (0.54, 0.44)]
        + [(0.78, 0.62), (0.78, 0.8), (0.2, 0.82), (-0.5, 0.82), (-0.54, 0.4), (-0.48, -0.1)]
    )
    area = canvas.solid(outline, colour=colour, puff=0.9, gloss=0.3, grain=0.04)
    canvas.flat(box(0.12, 0.83, 1.32, 0.08, 0.03), (46, 36, 30))
    canvas.flat(box(-0.38, 0.87, 0.32, 0.14, 0.02), (40, 30, 26))
    for k in range(6):
        y = -0.6 + k * 0.15
        canvas.paint(canvas.mask(stroke([(-0.1, y + 0.03), (0.17, y)], 0.035)) * area, (60, 40, 26))
    _crease(canvas, stroke([(-0.5, 0.2), (-0.2, 0.3), (0.2, 0.24)], 0.03), area)


def high_heel(canvas: Canvas, colour: Colour) -> None:
    canvas.shadow(0.1, 0.62, 0.7, 0.06)
    canvas.solid(stroke([(-0.66, -0.1), (-0.7, 0.3), (-0.72, 0.62)], 0.2, 0.06), colour=colour)
    shoe = smooth(
        [(-0.82, -0.44), (-0.68, -0.36), (-0.5, -0.1), (-0.1, 0.24), (0.3, 0.38), (0.46, 0.34)]
        + [
            (0.7, 0.42),
            (0.9, 0.56),
            (0.7, 0.62),
            (0.2, 0.6),
            (-0.24, 0.4),
            (-0.6, 0.08),
            (-0.8, -0.1),
        ]
    )
    canvas.solid(shoe, colour=colour, puff=0.9, gloss=0.5)


def straw_hat(canvas: Canvas, band: Colour) -> None:
    canvas.shadow(0, 0.36, 0.9, 0.12)
    straw: Colour = (222, 190, 124)
    canvas.solid(ellipse(0, 0.2, 0.94, 0.26), colour=straw, puff=0.4, gloss=0.05, grain=0.08)
    crown = smooth(
        [(-0.46, 0.2), (-0.44, -0.2), (-0.3, -0.46), (0, -0.52), (0.3, -0.46), (0.44, -0.2)]
        + [(0.46, 0.2), (0, 0.28)]
    )
    area = canvas.solid(crown, colour=straw, puff=1.0, gloss=0.05, grain=0.08)
    ribbon = canvas.mask(
        smooth([(-0.6, 0.0), (0, 0.09), (0.6, 0.0), (0.6, 0.2), (0, 0.29), (-0.6, 0.2)])
    )
    canvas.paint(ribbon * area, band, 0.9)


def cap(canvas: Canvas, colour: Colour) -> None:
    canvas.shadow(0.05, 0.4, 0.8, 0.1)
    dome = smooth(
        [(-0.72, 0.26), (-0.68, -0.12), (-0.42, -0.5), (-0.04, -0.58), (0.3, -0.42), (0.46, -0.04)]
        + [(0.46, 0.2), (-0.1, 0.34)]
    )
    area = canvas.solid(dome, colour=colour, puff=1.0, gloss=0.15, grain=0.04)
    for points in (
        [(-0.04, -0.58), (-0.2, -0.2), (-0.24, 0.3)],
        [(-0.04, -0.58), (0.24, -0.2), (0.3, 0.2)],
    ):
        _crease(canvas, stroke(points, 0.015), area)
    brim = smooth([(0.1, 0.2), (0.5, 0.06), (0.92, 0.22), (0.9, 0.36), (0.5, 0.34), (0.1, 0.36)])
    canvas.solid(brim, colour=scaled(colour, 0.9), puff=0.6, gloss=0.15)
    canvas.solid(ellipse(-0.04, -0.58, 0.05, 0.03), colour=scaled(colour, 0.8))


def handbag(canvas: Canvas, colour: Colour) -> None:
    canvas.shadow(0, 0.74, 0.8, 0.08)
    outer = canvas.mask(ellipse(0, -0.3, 0.42, 0.56))
    ring = np.clip(outer - canvas.mask(ellipse(0, -0.3, 0.34, 0.48)), 0, 1)
    canvas.solid(colour=scaled(colour, 0.8), area=ring, puff=0.8)
    bag = smooth(
        [(-0.6, -0.24), (0, -0.28), (0.6, -0.24), (0.72, 0.2), (0.78, 0.66), (0, 0.74)]
        + [(-0.78, 0.66), (-0.72, 0.2)]
    )
    area = canvas.solid(bag, colour=colour, puff=0.7, gloss=0.25, grain=0.05)
    flap = smooth([(-0.7, -0.3), (0.7, -0.3), (0.62, 0.06), (0, 0.22), (-0.62, 0.06)])
    edge = canvas.blur(canvas.mask(flap + (0, 0.03)), 0.02) * area
    canvas.paint(edge, scaled(colour, 0.4), 0.7)
    canvas.paint(canvas.mask(flap) * area, scaled(colour, 0.94), 0.9)
    canvas.solid(box(0, 0.16, 0.14, 0.12, 0.03), colour=(216, 178, 84), gloss=0.6)


def umbrella(canvas: Canvas, colour: Colour) -> None:
    canvas.pose(canvas.rng.normal(8, 3))
    canvas.solid(stroke([(0, -0.7), (0, 0.1), (0, 0.7)], 0.035), colour=(120, 120, 126))
    hook = stroke([(0, 0.56), (0.0, 0.78), (0.09, 0.9), (0.2, 0.84), (0.22, 0.74)], 0.06)
    canvas.solid(hook, colour=(112, 70, 38), gloss=0.4)
    top = smooth(
        [
            (-0.92, 0.1),
            (-0.8, -0.3),
            (-0.46, -0.62),
            (0, -0.74),
            (0.46, -0.62),
            (0.8, -0.3),
            (0.92, 0.1),
        ]
        + [(0.76, 0.02), (0.6, 0.1), (0.44, 0.0), (0.3, 0.1), (0.15, 0.0), (0, 0.1)]
        + [(-0.15, 0.0), (-0.3, 0.1), (-0.44, 0.0), (-0.6, 0.1), (-0.76, 0.02)]
    )
    area = canvas.solid(top, colour=colour, puff=0.7, gloss=0.15)
    for x in (-0.6, -0.3, 0.0, 0.3, 0.6):
        _crease(canvas, stroke([(0, -0.74), (x * 0.75, -0.4), (x, 0.1)], 0.012), area)
    canvas.pose()


def _cloth(canvas: Canvas, outline: Outline, colour: Colour) -> Plane:
    """A flat garment: soft folds, a woven grain, a shadow on the ground."""
    area = canvas.mask(outline)
    canvas.cast(area, strength=0.35)
    folds = 1 + 0.16 * (canvas.clouds(120) - 0.5)
    return canvas.solid(
        colour=colour, area=area, puff=0.35, gloss=0.0, grain=0.03, shade=folds.astype(np.float32)
    )


def _crease(canvas: Canvas, line: Outline, area: Plane) -> None:
    canvas.paint(canvas.blur(canvas.mask(line), 0.012) * area, (16, 14, 20), 0.35)


def _symmetric(half: list[tuple[float, float]], neck: float | None = None) -> Outline:
    """An outline from its right half, top to bottom; `neck`: where its middle dips to."""
    top = [(0.0, neck)] if neck is not None else []
    right = polygon([*top, *half])
    return np.concatenate([right, mirror(right)[::-1]])
