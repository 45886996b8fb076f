"""Crockery on a light table."""

from __future__ import annotations

import numpy as np

from .canvas import Canvas, Colour, scaled
from .shapes import box, ellipse, polygon, smooth, stroke


def mug(canvas: Canvas, colour: Colour, dots: Colour | None = None) -> None:
    canvas.pose(x=-0.13)
    canvas.shadow(0.02, 0.74, 0.66, 0.11)
    outer = canvas.mask(ellipse(0.52, 0.06, 0.32, 0.36))
    ring = np.clip(outer - canvas.mask(ellipse(0.51, 0.06, 0.2, 0.24)), 0, 1)
    canvas.solid(colour=scaled(colour, 0.92), area=ring, puff=0.9, gloss=0.4)
    arc = np.linspace(0, np.pi, 30)
    base = np.stack([0.53 * np.cos(arc), 0.6 + 0.15 * np.sin(arc)], 1)
    body = np.concatenate([[(-0.56, -0.56), (0.56, -0.56)], base])
    area = canvas.solid(body, colour=colour, puff=0.95, gloss=0.35)
    if dots:
        for x, y in (
            (-0.3, -0.15),
            (0.0, 0.02),
            (0.3, -0.15),
            (-0.3, 0.3),
            (0.0, 0.46),
            (0.3, 0.3),
        ):
            canvas.paint(canvas.mask(ellipse(x, y, 0.075, 0.08)) * area, dots, 0.9)
    _rim(canvas, -0.56, 0.56, 0.15, colour, scaled(colour, 0.72))
    canvas.pose()


def cup_of_coffee(canvas: Canvas, colour: Colour) -> None:
    """A cup on its saucer."""
    canvas.shadow(0, 0.62, 0.9, 0.14)
    canvas.solid(ellipse(0, 0.48, 0.88, 0.24), colour=colour, puff=0.4, gloss=0.2)
    canvas.solid(ellipse(0, 0.46, 0.5, 0.12), colour=scaled(colour, 0.93), puff=0.3, gloss=0)
    ring = canvas.mask(ellipse(0.54, 0.0, 0.22, 0.2))
    ring = np.clip(ring - canvas.mask(ellipse(0.53, 0.0, 0.13, 0.12)), 0, 1)
    canvas.solid(colour=colour, area=ring, gloss=0.3)
    bowl = smooth(
        [(-0.56, -0.26), (-0.5, 0.12), (-0.28, 0.44), (0.28, 0.44), (0.5, 0.12), (0.56, -0.26)]
    )
    canvas.solid(bowl, colour=colour, gloss=0.3)
    _rim(canvas, -0.26, 0.56, 0.17, colour, (74, 42, 22))


def plate(canvas: Canvas, colour: Colour, rim: Colour | None = None) -> None:
    """Seen from above."""
    disc = canvas.mask(ellipse(0, 0, 0.86))
    canvas.cast(disc, strength=0.4)
    canvas.solid(colour=colour, area=disc, puff=0.3, gloss=0.2)
    if rim:
        canvas.paint(np.clip(disc - canvas.mask(ellipse(0, 0, 0.77)), 0, 1), rim, 0.9)
    edge = canvas.blur(canvas.mask(ellipse(0, 0, 0.57)), 0.02)
    canvas.paint(edge, scaled(colour, 0.82), 0.8)
    canvas.solid(ellipse(0.006, 0.01, 0.54), colour=scaled(colour, 0.98), puff=-0.25, gloss=0.1)


def bowl(canvas: Canvas, colour: Colour, inside: Colour | None = None) -> None:
    canvas.shadow(0, 0.56, 0.6, 0.1)
    canvas.solid(box(0, 0.5, 0.52, 0.14, 0.04), colour=scaled(colour, 0.85), puff=0.4)
    body = smooth(
        [(-0.86, -0.24), (-0.78, 0.06), (-0.52, 0.36), (-0.2, 0.5), (0.2, 0.5), (0.52, 0.36)]
        + [(0.78, 0.06), (0.86, -0.24), (0, -0.14)]
    )
    canvas.solid(body, colour=colour, puff=1.0, gloss=0.35)
    _rim(canvas, -0.24, 0.86, 0.22, colour, inside or scaled(colour, 0.75))


def teapot(canvas: Canvas, colour: Colour) -> None:
    canvas.shadow(0, 0.66, 0.76, 0.1)
    spout = smooth(
        [(0.4, 0.24), (0.62, 0.06), (0.7, -0.24), (0.84, -0.42), (0.94, -0.4), (0.86, -0.2)]
        + [(0.8, 0.14), (0.6, 0.42)]
    )
    canvas.solid(spout, colour=colour, gloss=0.3)
    ring = canvas.mask(ellipse(-0.62, 0.04, 0.32, 0.34))
    ring = np.clip(ring - canvas.mask(ellipse(-0.6, 0.04, 0.2, 0.22)), 0, 1)
    canvas.solid(colour=colour, area=ring, gloss=0.3)
    canvas.solid(ellipse(0, 0.14, 0.62, 0.52), colour=colour, puff=1.1, gloss=0.45)
    lid = smooth(
        [(-0.34, -0.28), (-0.2, -0.44), (0, -0.48), (0.2, -0.44), (0.34, -0.28), (0, -0.22)]
    )
    canvas.flat(ellipse(0, -0.28, 0.37, 0.07), scaled(colour, 0.55))
    canvas.solid(lid, colour=colour, gloss=0.35)
    canvas.solid(ellipse(0, -0.54, 0.09), colour=colour, gloss=0.5)


def wine_glass(canvas: Canvas, wine: Colour) -> None:
    canvas.shadow(0, 0.84, 0.4, 0.07, 0.3)
    glass: Colour = (206, 214, 220)
    canvas.solid(ellipse(0, 0.82, 0.36, 0.08), colour=glass, puff=0.4, gloss=0.4)
    canvas.solid(stroke([(0, 0.1), (0.0, 0.5), (0, 0.8)], 0.06), colour=glass, gloss=0.5)
    cup = smooth(
        [(-0.34, -0.86), (-0.42, -0.4), (-0.34, -0.02), (-0.1, 0.16), (0.1, 0.16), (0.34, -0.02)]
        + [(0.42, -0.4), (0.34, -0.86)]
    )
    area = canvas.mask(cup)
    canvas.paint(area, glass, 0.5)
    below = (canvas.down() > -0.36).astype(np.float32) * canvas.mask(cup * 0.96 + (0, -0.005))
    canvas.solid(colour=wine, area=below, puff=0.9, gloss=0.3)
    canvas.solid(ellipse(0, -0.36, 0.395, 0.06), colour=scaled(wine, 0.8), puff=0.2, gloss=0.1)
    canvas.flat(
        stroke([(-0.27, -0.78), (-0.33, -0.4), (-0.26, -0.1)], 0.05), (255, 255, 255), 0.6, 0.01
    )


def cutlery(canvas: Canvas) -> None:
    """A fork and a spoon."""
    steel: Colour = (188, 190, 196)
    spoon = canvas.mask(
        stroke([(0.36, -0.3), (0.36, 0.3), (0.36, 0.86)], 0.06, 0.12),
        ellipse(0.36, -0.54, 0.2, 0.32),
    )
    fork = [stroke([(-0.36, -0.2), (-0.36, 0.3), (-0.36, 0.86)], 0.06, 0.12)]
    fork += [
        smooth([(-0.56, -0.44), (-0.16, -0.44), (-0.2, -0.24), (-0.36, -0.14), (-0.52, -0.24)])
    ]
    fork += [box(-0.53 + k * 0.113, -0.63, 0.06, 0.46, 0.03) for k in range(4)]
    for area in (spoon, canvas.mask(*fork)):
        canvas.cast(area, strength=0.4)
        canvas.solid(colour=steel, area=area, puff=1.2, gloss=0.6)
    canvas.solid(ellipse(0.36, -0.54, 0.15, 0.26), colour=(168, 170, 178), puff=-0.8, gloss=0.3)


def vase(canvas: Canvas, colour: Colour, petals: Colour) -> None:
    canvas.shadow(0, 0.9, 0.42, 0.07)
    for x, y in ((-0.34, -0.5), (0.3, -0.62), (0.0, -0.72), (-0.12, -0.4), (0.4, -0.34)):
        canvas.solid(
            stroke([(x * 0.2, 0.16), (x * 0.6, y + 0.4), (x, y)], 0.035), colour=(70, 130, 60)
        )
        for k in range(6):
            a = k * np.pi / 3
            petal = ellipse(x + 0.11 * np.cos(a), y + 0.11 * np.sin(a), 0.1, 0.075, np.degrees(a))
            canvas.solid(petal, colour=petals, gloss=0.05)
        canvas.solid(ellipse(x, y, 0.07), colour=(240, 196, 60))
    right = [(0.2, 0.06), (0.14, 0.2), (0.36, 0.46), (0.36, 0.7), (0.2, 0.92)]
    outline = smooth(right + [(-x, y) for x, y in right[::-1]])
    canvas.solid(outline, colour=colour, gloss=0.45)


def saucepan(canvas: Canvas, colour: Colour) -> None:
    canvas.shadow(-0.15, 0.46, 0.6, 0.1)
    canvas.solid(box(0.62, -0.12, 0.68, 0.11, 0.05), colour=(44, 42, 44), gloss=0.3)
    body = polygon(
        [(-0.82, -0.2), (0.36, -0.2), (0.32, 0.36), (0.2, 0.48), (-0.66, 0.48), (-0.78, 0.36)]
    )
    canvas.solid(body, colour=colour, puff=0.8, gloss=0.4)
    canvas.pose(0, 1, -0.23, 0)
    _rim(canvas, -0.2, 0.6, 0.14, colour, (70, 70, 74))
    canvas.pose()


def _rim(canvas: Canvas, y: float, rx: float, ry: float, colour: Colour, inside: Colour) -> None:
    """The mouth of a round vessel."""
    canvas.solid(ellipse(0, y, rx, ry), colour=_lighter(colour), puff=0.3, gloss=0.3)
    canvas.solid(ellipse(0, y + 0.008, rx * 0.93, ry * 0.85), colour=inside, puff=-0.5, gloss=0.05)


def _lighter(colour: Colour) -> Colour:
    r, g, b = (c + (255 - c) * 0.2 for c in colour)
    return r, g, b
