"""Animals, tame and wild."""

from __future__ import annotations

import math

import numpy as np

from .canvas import Canvas, Colour, Plane, rgb, scaled
from .shapes import ellipse, mirror, polygon, smooth, star, stroke

_BLACK: Colour = (24, 22, 24)
_PINK: Colour = (226, 140, 146)


def cat(
    canvas: Canvas, fur: Colour, stripes: Colour | None = None, eyes: Colour = (120, 170, 60)
) -> None:
    """A cat's face, seen from the front."""
    canvas.solid(ellipse(0, 1.1, 0.78, 0.7), colour=scaled(fur, 0.92), grain=0.12, gloss=0)
    for sign in (1, -1):
        ear = polygon([(0.22, -0.4), (0.62, -0.92), (0.72, -0.2)]) * (sign, 1)
        canvas.solid(ear, colour=fur, puff=0.5, gloss=0, grain=0.1)
        canvas.flat(
            polygon([(0.36, -0.46), (0.58, -0.76), (0.62, -0.36)]) * (sign, 1), _PINK, 0.75, 0.02
        )
    head = smooth(
        [(0, -0.56), (0.36, -0.54), (0.68, -0.24), (0.76, 0.14), (0.56, 0.48), (0.2, 0.66)]
        + [(-0.2, 0.66), (-0.56, 0.48), (-0.76, 0.14), (-0.68, -0.24), (-0.36, -0.54)]
    )
    area = canvas.solid(head, colour=fur, puff=0.8, gloss=0, grain=0.1)
    if stripes:
        lines = [
            [(x, -0.56), (x * 0.85, -0.36), (x * 0.7, -0.24)] for x in (-0.24, -0.08, 0.08, 0.24)
        ]
        lines += [
            [(s * 0.78, y), (s * 0.58, y + 0.03), (s * 0.46, y)]
            for s in (1, -1)
            for y in (0.06, 0.2, 0.34)
        ]
        for line in lines:
            canvas.paint(
                canvas.blur(canvas.mask(stroke(line, 0.07, 0.02)), 0.012) * area, stripes, 0.8
            )
    for sign in (1, -1):
        canvas.solid(
            ellipse(sign * 0.16, 0.36, 0.2, 0.15), colour=(246, 238, 228), gloss=0, grain=0.06
        )
        canvas.flat(ellipse(sign * 0.32, -0.04, 0.175, 0.15), _BLACK, 0.8, 0.01)
        canvas.solid(ellipse(sign * 0.32, -0.04, 0.15, 0.125), colour=eyes, puff=0.8, gloss=0.2)
        canvas.flat(ellipse(sign * 0.32, -0.04, 0.045, 0.115), _BLACK)
        canvas.flat(ellipse(sign * 0.32 - 0.05, -0.09, 0.03), (255, 255, 255))
        for dy in (-0.06, 0.0, 0.06):
            whisker = stroke(
                [
                    (sign * 0.2, 0.36 + dy / 2),
                    (sign * 0.5, 0.34 + dy),
                    (sign * 0.86, 0.38 + dy * 3),
                ],
                0.012,
                0.004,
            )
            canvas.flat(whisker, (250, 250, 250), 0.9)
    canvas.flat(
        stroke([(-0.14, 0.46), (-0.06, 0.48), (0, 0.4), (0.06, 0.48), (0.14, 0.46)], 0.022),
        (90, 50, 46),
    )
    canvas.solid(smooth([(-0.09, 0.22), (0.09, 0.22), (0, 0.32)]), colour=_PINK, gloss=0.3)


def dog(canvas: Canvas, fur: Colour, ears: Colour) -> None:
    """A dog's face with hanging ears."""
    canvas.solid(ellipse(0, 1.15, 0.7, 0.7), colour=scaled(fur, 0.9), grain=0.12, gloss=0)
    canvas.solid(ellipse(0, 0.78, 0.5, 0.12), colour=(190, 30, 36), gloss=0.3)
    head = smooth(
        [(0, -0.66), (0.4, -0.6), (0.58, -0.3), (0.54, 0.14), (0.36, 0.62), (0, 0.76)]
        + [(-0.36, 0.62), (-0.54, 0.14), (-0.58, -0.3), (-0.4, -0.6)]
    )
    area = canvas.solid(head, colour=fur, puff=0.8, gloss=0, grain=0.1)
    blaze = smooth([(0, -0.6), (0.1, -0.3), (0.1, 0.1), (-0.1, 0.1), (-0.1, -0.3)])
    canvas.paint(canvas.blur(canvas.mask(blaze), 0.03) * area, (248, 242, 232), 0.7)
    for sign in (1, -1):
        ear = smooth(
            [(0.32, -0.62), (0.62, -0.56), (0.82, -0.1), (0.78, 0.4), (0.6, 0.44), (0.5, -0.02)]
        )
        canvas.solid(ear * (sign, 1), colour=ears, puff=0.6, gloss=0, grain=0.12)
    for sign in (1, -1):
        canvas.solid(
            ellipse(sign * 0.25, -0.14, 0.105, 0.11), colour=(70, 42, 22), puff=0.8, gloss=0.5
        )
        canvas.flat(ellipse(sign * 0.25, -0.14, 0.06), _BLACK)
        canvas.flat(ellipse(sign * 0.25 - 0.035, -0.18, 0.025), (255, 255, 255))
    canvas.solid(
        smooth([(-0.1, 0.56), (0.1, 0.56), (0.1, 0.78), (0, 0.84), (-0.1, 0.78)]),
        colour=(226, 96, 110),
    )
    canvas.solid(
        ellipse(0, 0.36, 0.32, 0.27), colour=(246, 238, 226), puff=0.9, gloss=0, grain=0.06
    )
    canvas.flat(
        stroke([(-0.2, 0.5), (-0.08, 0.56), (0, 0.46), (0.08, 0.56), (0.2, 0.5)], 0.025), _BLACK
    )
    canvas.solid(
        smooth([(-0.17, 0.14), (0, 0.1), (0.17, 0.14), (0.1, 0.28), (0, 0.33), (-0.1, 0.28)]),
        colour=_BLACK,
        gloss=0.5,
    )


def rabbit(canvas: Canvas, fur: Colour) -> None:
    _meadow(canvas, 0.5)
    canvas.shadow(0, 0.86, 0.6, 0.08)
    for sign in (1, -1):
        canvas.pose(sign * 8, 1, 0, 0)
        canvas.solid(
            ellipse(sign * 0.14, -0.64, 0.11, 0.36), colour=fur, puff=0.8, gloss=0, grain=0.08
        )
        canvas.flat(ellipse(sign * 0.14, -0.62, 0.05, 0.26), _PINK, 0.8, 0.02)
    canvas.pose()
    canvas.solid(ellipse(0, 0.44, 0.48, 0.46), colour=fur, gloss=0, grain=0.1)
    canvas.solid(ellipse(0, -0.14, 0.36, 0.33), colour=fur, gloss=0, grain=0.1)
    for sign in (1, -1):
        canvas.solid(ellipse(sign * 0.3, 0.82, 0.22, 0.1), colour=fur, gloss=0, grain=0.1)
        canvas.solid(
            ellipse(sign * 0.13, 0.5, 0.09, 0.2), colour=scaled(fur, 0.97), gloss=0, grain=0.1
        )
        canvas.solid(ellipse(sign * 0.17, -0.2, 0.06, 0.07), colour=_BLACK, gloss=0.7)
    canvas.solid(ellipse(0, -0.05, 0.05, 0.035), colour=_PINK)
    canvas.flat(stroke([(-0.07, 0.04), (0, 0.0), (0.07, 0.04)], 0.02), (120, 80, 76))


def fish(canvas: Canvas, colour: Colour, bands: Colour | None = None) -> None:
    canvas.backdrop((44, 150, 200), (10, 62, 120))
    _bubbles(canvas)
    canvas.pose(canvas.rng.normal(0, 4))
    for fin in (
        [(0.5, 0.0), (0.72, -0.2), (0.98, -0.4), (0.88, 0), (0.98, 0.4), (0.72, 0.2)],
        [(-0.3, -0.34), (0.0, -0.64), (0.36, -0.56), (0.4, -0.2)],
        [(-0.1, 0.34), (0.1, 0.6), (0.34, 0.5), (0.34, 0.2)],
    ):
        canvas.solid(smooth(fin), colour=scaled(colour, 0.86), puff=0.4, gloss=0.1)
    body = smooth(
        [(-0.84, 0.0), (-0.6, -0.26), (-0.2, -0.42), (0.24, -0.34), (0.6, -0.08), (0.6, 0.08)]
        + [(0.24, 0.34), (-0.2, 0.42), (-0.6, 0.26)]
    )
    area = canvas.solid(body, colour=colour, puff=1.0, gloss=0.25)
    for row in range(7):
        for k in range(9):
            x, y = -0.34 + k * 0.11 + (row % 2) * 0.055, -0.33 + row * 0.11
            scale = canvas.mask(ellipse(x, y, 0.06)) - canvas.mask(ellipse(x - 0.014, y, 0.056))
            canvas.paint(np.clip(scale, 0, 1) * area, scaled(colour, 0.6), 0.5)
    if bands:
        for x in (-0.34, 0.08, 0.46):
            canvas.paint(
                canvas.mask(stroke([(x, -0.5), (x + 0.06, 0), (x, 0.5)], 0.14)) * area, bands, 0.95
            )
    canvas.solid(
        smooth([(-0.16, 0.06), (0.1, 0.0), (0.12, 0.22), (-0.04, 0.24)]),
        colour=scaled(colour, 0.8),
        puff=0.5,
    )
    canvas.flat(ellipse(-0.58, -0.06, 0.085), (250, 250, 246))
    canvas.flat(ellipse(-0.59, -0.06, 0.05), _BLACK)
    canvas.flat(stroke([(-0.82, 0.05), (-0.72, 0.1), (-0.64, 0.08)], 0.018), scaled(colour, 0.4))
    canvas.pose()


def bird(canvas: Canvas, colour: Colour, breast: Colour, beak: Colour = (240, 170, 50)) -> None:
    """A songbird on a twig."""
    canvas.backdrop((178, 206, 170), (120, 160, 112))
    glow = np.clip(canvas.clouds(110) * 2 - 1, 0, 1)
    canvas.paint(glow, (226, 236, 190), 0.5)
    canvas.solid(
        stroke([(-1.6, 0.76), (-0.3, 0.66), (0.6, 0.72), (1.6, 0.56)], 0.12, 0.07),
        colour=(104, 76, 50),
        grain=0.15,
    )
    canvas.solid(
        polygon([(0.38, 0.16), (0.5, 0.0), (0.98, 0.5), (0.8, 0.6)]),
        colour=scaled(colour, 0.7),
        puff=0.5,
    )
    body = smooth(
        [(-0.36, -0.7), (-0.1, -0.66), (0.06, -0.42), (0.34, -0.12), (0.54, 0.2), (0.4, 0.48)]
        + [(0.04, 0.62), (-0.32, 0.5), (-0.56, 0.16), (-0.54, -0.2), (-0.6, -0.44), (-0.54, -0.62)]
    )
    area = canvas.solid(body, colour=colour, puff=1.0, gloss=0.05, grain=0.06)
    front = canvas.blur(canvas.mask(ellipse(-0.34, 0.12, 0.32, 0.42, -18)), 0.06) * area
    canvas.paint(front, breast, 0.85)
    wing = smooth([(-0.08, -0.26), (0.2, -0.16), (0.5, 0.2), (0.66, 0.5), (0.34, 0.4), (0.0, 0.22)])
    canvas.solid(wing, colour=scaled(colour, 0.72), puff=0.6, gloss=0.05, grain=0.08)
    for k in range(4):
        line = stroke(
            [(0.04 + k * 0.06, 0.1 - k * 0.06), (0.28 + k * 0.06, 0.28 - k * 0.04), (0.52, 0.42)],
            0.02,
        )
        canvas.flat(line, scaled(colour, 0.4), 0.7)
    canvas.solid(polygon([(-0.57, -0.5), (-0.84, -0.4), (-0.57, -0.36)]), colour=beak, puff=0.5)
    canvas.solid(ellipse(-0.4, -0.49, 0.05), colour=_BLACK, gloss=0.8)
    for x in (-0.12, 0.1):
        canvas.flat(stroke([(x, 0.58), (x - 0.02, 0.7)], 0.03), (90, 66, 44))


def butterfly(canvas: Canvas, colour: Colour) -> None:
    canvas.pose(canvas.rng.normal(6, 3))
    for sign in (1, -1):
        upper = smooth(
            [(0.04, -0.1), (0.3, -0.6), (0.74, -0.8), (0.92, -0.5), (0.7, -0.04), (0.3, 0.06)]
        )
        lower = smooth(
            [(0.04, 0.0), (0.4, 0.06), (0.68, 0.3), (0.6, 0.64), (0.34, 0.7), (0.1, 0.36)]
        )
        for wing, spot in ((lower, (0.42, 0.4)), (upper, (0.6, -0.5))):
            placed = wing if sign == 1 else mirror(wing)
            area = canvas.mask(placed)
            canvas.cast(area, strength=0.25)
            canvas.solid(colour=_BLACK, area=area, puff=0.3, gloss=0.05)
            centre = placed.mean(0)
            canvas.solid(
                (placed - centre) * 0.8 + centre, colour=colour, puff=0.3, gloss=0.05, grain=0.06
            )
            for angle in (-30, 0, 30):
                end = (placed - centre)[10] * 0
                vein = stroke(
                    [(sign * 0.05, 0), tuple(centre + end + (0, math.sin(angle) * 0.2))], 0.015
                )
                canvas.paint(canvas.mask(vein) * area, _BLACK, 0.5)
            canvas.flat(ellipse(sign * spot[0], spot[1], 0.06), (250, 246, 236))
    for sign in (1, -1):
        canvas.flat(stroke([(0, -0.36), (sign * 0.1, -0.6), (sign * 0.22, -0.74)], 0.02), _BLACK)
    canvas.solid(
        smooth([(0, -0.42), (0.06, -0.2), (0.05, 0.3), (0, 0.5), (-0.05, 0.3), (-0.06, -0.2)]),
        colour=(50, 38, 34),
    )
    canvas.pose()


def penguin(canvas: Canvas) -> None:
    canvas.backdrop((170, 206, 236), (226, 238, 248))
    canvas.paint((canvas.down() > 0.5).astype(np.float32), (240, 245, 250))
    canvas.shadow(0, 0.88, 0.5, 0.08, 0.3)
    for x in (-0.18, 0.18):
        canvas.solid(ellipse(x, 0.86, 0.17, 0.07), colour=(240, 150, 40))
    canvas.solid(
        smooth(
            [(0, -0.9), (0.26, -0.78), (0.3, -0.46), (0.46, 0.0), (0.46, 0.5), (0.26, 0.84)]
            + [(-0.26, 0.84), (-0.46, 0.5), (-0.46, 0.0), (-0.3, -0.46), (-0.26, -0.78)]
        ),
        colour=(40, 42, 50),
        gloss=0.15,
    )
    canvas.solid(ellipse(0, 0.3, 0.34, 0.5), colour=(250, 250, 248), puff=0.6, gloss=0)
    for sign in (1, -1):
        canvas.solid(
            ellipse(sign * 0.1, -0.56, 0.14, 0.16), colour=(250, 250, 248), puff=0.5, gloss=0
        )
        canvas.solid(ellipse(sign * 0.11, -0.58, 0.045), colour=_BLACK, gloss=0.7)
        flipper = smooth([(0.36, -0.3), (0.62, 0.2), (0.6, 0.4), (0.44, 0.2)]) * (sign, 1)
        canvas.solid(flipper, colour=(34, 36, 42), puff=0.6)
    canvas.solid(
        polygon([(-0.1, -0.48), (0.1, -0.48), (0, -0.32)]), colour=(244, 160, 40), gloss=0.3
    )


def elephant(canvas: Canvas) -> None:
    _meadow(canvas, 0.36, dry=True)
    canvas.shadow(0, 0.8, 0.9, 0.08)
    hide: Colour = (134, 130, 132)
    for x in (-0.42, -0.1, 0.36, 0.6):
        canvas.solid(
            stroke([(x, 0.1), (x, 0.5), (x, 0.82)], 0.26, 0.22),
            colour=scaled(hide, 0.86),
            grain=0.06,
            gloss=0,
        )
    canvas.solid(
        smooth(
            [
                (-0.6, -0.3),
                (0, -0.5),
                (0.5, -0.42),
                (0.82, -0.06),
                (0.76, 0.34),
                (0, 0.42),
                (-0.56, 0.3),
            ]
        ),
        colour=hide,
        grain=0.06,
        gloss=0,
    )
    canvas.solid(stroke([(0.8, -0.1), (0.92, 0.1), (0.92, 0.36)], 0.06, 0.03), colour=hide, gloss=0)
    trunk = stroke([(-0.78, -0.06), (-0.96, 0.28), (-0.94, 0.6), (-0.8, 0.72)], 0.26, 0.1)
    canvas.solid(trunk, colour=hide, grain=0.06, gloss=0)
    canvas.solid(ellipse(-0.66, -0.2, 0.34, 0.36), colour=hide, grain=0.06, gloss=0)
    canvas.solid(
        stroke([(-0.76, 0.1), (-0.9, 0.24), (-1.08, 0.2)], 0.08, 0.02),
        colour=(244, 238, 220),
        gloss=0.3,
    )
    ear = smooth(
        [(-0.6, -0.46), (-0.3, -0.5), (-0.12, -0.2), (-0.24, 0.16), (-0.46, 0.2), (-0.56, -0.1)]
    )
    canvas.solid(ear, colour=scaled(hide, 0.9), puff=0.6, grain=0.06, gloss=0)
    canvas.solid(ellipse(-0.78, -0.2, 0.035), colour=_BLACK, gloss=0.6)


def duck(canvas: Canvas) -> None:
    """A yellow duckling on the water."""
    canvas.backdrop((120, 178, 200), (60, 120, 150))
    ripples = canvas.clouds(40)
    canvas.paint(ripples * 0.5, (190, 224, 232))
    canvas.flat(ellipse(0, 0.6, 0.8, 0.14), (30, 76, 100), 0.5, 0.06)
    yellow: Colour = (250, 212, 60)
    body = smooth(
        [
            (-0.5, 0.1),
            (-0.1, 0.06),
            (0.4, 0.06),
            (0.84, -0.12),
            (0.72, 0.36),
            (0.36, 0.6),
            (-0.3, 0.58),
            (-0.6, 0.34),
        ]
    )
    canvas.solid(body, colour=yellow, gloss=0.05, grain=0.07)
    canvas.solid(ellipse(-0.36, -0.28, 0.34), colour=yellow, gloss=0.05, grain=0.07)
    canvas.solid(
        smooth([(-0.1, 0.2), (0.3, 0.16), (0.6, 0.1), (0.4, 0.4), (0.06, 0.44)]),
        colour=(236, 190, 40),
        puff=0.6,
        gloss=0,
        grain=0.08,
    )
    canvas.solid(
        smooth([(-0.66, -0.28), (-0.94, -0.2), (-0.92, -0.1), (-0.64, -0.12)]),
        colour=(240, 130, 36),
        gloss=0.3,
    )
    canvas.solid(ellipse(-0.46, -0.36, 0.05), colour=_BLACK, gloss=0.8)


def starfish(canvas: Canvas) -> None:
    sand = rgb((228, 204, 160)) * (1 + 0.07 * canvas.noise(2))[..., None]
    canvas.pixels[:] = sand * (0.92 + 0.16 * canvas.clouds(100)[..., None])
    body = smooth([tuple(p) for p in star(0, 0, 0.86, 0.3, 5, 10)], 8)
    area = canvas.mask(body)
    canvas.cast(area, strength=0.45)
    canvas.solid(colour=(232, 110, 60), area=area, puff=0.8, gloss=0.05, grain=0.08)
    for k in range(5):
        a = math.radians(72 * k + 10)
        for r in np.arange(0.08, 0.8, 0.09):
            canvas.flat(ellipse(r * math.sin(a), -r * math.cos(a), 0.026), (252, 206, 150), 0.85)


def _meadow(canvas: Canvas, horizon: float, dry: bool = False) -> None:
    canvas.backdrop((150, 196, 232), (222, 236, 240))
    grass: Colour = (196, 174, 104) if dry else (98, 150, 66)
    area: Plane = (canvas.down() > horizon).astype(np.float32)
    texture = rgb(grass) * (0.85 + 0.3 * canvas.clouds(40) + 0.08 * canvas.noise(2))[..., None]
    canvas.paint(area, texture)


def _bubbles(canvas: Canvas) -> None:
    rays = canvas.blur(
        canvas.mask(polygon([(-0.5, -1.5), (0.1, -1.5), (0.9, 1.5), (-0.3, 1.5)])), 0.15
    )
    canvas.paint(rays, (150, 220, 240), 0.25)
    for _ in range(12):
        x, y = canvas.rng.uniform(-1.2, 1.2), canvas.rng.uniform(-0.9, 0.9)
        canvas.flat(ellipse(x, y, canvas.rng.uniform(0.02, 0.05)), (210, 240, 250), 0.35)
    floor = smooth([(-3, 0.84), (-0.6, 0.8), (0.5, 0.88), (3, 0.78), (3, 1.6), (-3, 1.6)])
    canvas.solid(floor, colour=(190, 176, 128), puff=0.1, gloss=0, grain=0.1)
    for x in (-1.0, -0.8, 0.9, 1.05):
        weed = stroke([(x, 0.95), (x + 0.08, 0.6), (x - 0.06, 0.2)], 0.09, 0.02)
        canvas.solid(weed, colour=(40, 120, 70), puff=0.5)
