"""A canvas for catalogue pictures: outlines are filled smoothly and lit as soft solids.

A silhouette is rasterised at four times the size and scaled down, so its edge is smooth. `solid`
then blows it up like a cushion: blurred masks of several widths make a height, the slope of that
height a normal, and the normal meets one lamp at the upper left.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from .shapes import Outline, ellipse, rotate

Plane = NDArray[np.float32]  # shape (height, width)
Colour = tuple[float, float, float]  # 0 to 255
Box = tuple[slice, slice]
Rng = np.random.Generator

_FINE = 4  # supersampling of silhouettes
_COARSE = 120  # longest side of the grid on which light is computed
_LAMP = np.array([-0.45, -0.62, 0.64], np.float32)
_HALFWAY = np.array([-0.245, -0.34, 0.908], np.float32)  # between the lamp and the eye


class Canvas:
    """`pixels` (height, width, 3) float32; outlines are in half short sides about the centre.

    `zoom` brings all of it nearer, `tilt` (degrees) and `offset` are an unsteady hand.
    """

    def __init__(
        self,
        width: int,
        height: int,
        rng: Rng,
        *,
        zoom: float = 1,
        tilt: float = 0,
        offset: tuple[float, float] = (0, 0),
    ) -> None:
        self.width, self.height, self.rng = width, height, rng
        self.unit = min(width, height) / 2 * zoom
        self._tilt, self._offset = tilt, offset
        self.pixels = np.full((height, width, 3), 255, np.float32)
        self.alpha = np.zeros((height, width), np.float32)  # what was painted on the ground
        self._turn, self._scale, self._shift = 0.0, 1.0, (0.0, 0.0)

    @property
    def right(self) -> float:
        """x of the right edge; the left one is at -right."""
        return self.width / 2 / self.unit

    @property
    def bottom(self) -> float:
        return self.height / 2 / self.unit

    def pose(self, turn: float = 0, scale: float = 1, x: float = 0, y: float = 0) -> None:
        """Everything painted from now on is turned (degrees), scaled and shifted."""
        self._turn, self._scale, self._shift = turn, scale, (x, y)

    def mask(self, *outlines: Outline) -> Plane:
        """Coverage of the union of some outlines, 0 to 1."""
        placed = [self._place(outline) for outline in outlines]
        corners = np.concatenate(placed)
        left, top = np.clip(np.floor(corners.min(0)).astype(int), 0, (self.width, self.height))
        right, bottom = np.clip(np.ceil(corners.max(0)).astype(int), 0, (self.width, self.height))
        cover = np.zeros((self.height, self.width), np.float32)
        if left < right and top < bottom:
            plane = Image.new("L", ((right - left) * _FINE, (bottom - top) * _FINE))
            draw = ImageDraw.Draw(plane)
            for outline in placed:
                draw.polygon([tuple(p) for p in (outline - (left, top)) * _FINE], fill=255)
            cover[top:bottom, left:right] = np.asarray(plane.reduce(_FINE), np.float32) / 255
        return cover

    def backdrop(self, top: Colour, bottom: Colour) -> None:
        """A vertical gradient over everything."""
        t = np.linspace(0, 1, self.height, dtype=np.float32)[:, None, None]
        self.pixels[:] = rgb(top) * (1 - t) + rgb(bottom) * t

    def paint(self, area: Plane, colour: Colour | NDArray[np.float32], opacity: float = 1) -> None:
        """Lay a colour, or a picture of the canvas's size, over an area."""
        box = _bounds(area)
        if box is None:
            return
        paint = np.asarray(colour, np.float32)
        if paint.ndim == 3:
            paint = paint[box]
        cover, part = area[box] * opacity, self.pixels[box]
        part += (paint - part) * cover[..., None]
        np.maximum(self.alpha[box], cover, out=self.alpha[box])

    def flat(self, outline: Outline, colour: Colour, opacity: float = 1, blur: float = 0) -> None:
        area = self.mask(outline)
        self.paint(self.blur(area, blur) if blur else area, colour, opacity)

    def solid(
        self,
        *outlines: Outline,
        colour: Colour,
        puff: float = 1.0,
        gloss: float = 0.25,
        grain: float = 0.0,
        area: Plane | None = None,
        shade: Plane | None = None,
    ) -> Plane:
        """Paint outlines as one soft body and return its mask.

        `puff`: how round it looks; `gloss`: strength of the highlight; `grain`: contrast of a
        woolly texture; `shade`: a factor on the colour, pixel by pixel.
        """
        cover = self.mask(*outlines) if area is None else area
        box = _bounds(cover)
        if box is None:
            return cover
        light, shine = _lit(cover, box, puff)
        tone = light if shade is None else light * shade[box]
        if grain:
            tone = tone * (1 + grain * self.noise(3)[box])
        lit = rgb(colour) * tone[..., None] + (255 * gloss) * shine[..., None]
        part = self.pixels[box]
        part += (np.clip(lit, 0, 255) - part) * cover[box][..., None]
        np.maximum(self.alpha[box], cover[box], out=self.alpha[box])
        return cover

    def shadow(self, x: float, y: float, rx: float, ry: float, strength: float = 0.45) -> None:
        """A soft contact shadow on the ground."""
        soft = self.blur(self.mask(ellipse(x, y, rx, ry)), ry * 0.9)
        tight = self.blur(self.mask(ellipse(x, y, rx * 0.8, ry * 0.45)), ry * 0.4)
        dark = 1 - strength * np.clip(0.6 * soft + 0.6 * tight, 0, 1)
        self.pixels *= dark[..., None]

    def cast(self, cover: Plane, dx: float = 0.03, dy: float = 0.05, strength: float = 0.3) -> None:
        """The shadow of something that lies flat: call it before painting the thing."""
        moved = np.roll(cover, (round(dy * self.unit), round(dx * self.unit)), (0, 1))
        self.pixels *= (1 - strength * self.blur(moved, 0.05))[..., None]

    def noise(self, cells: float) -> Plane:
        """Smooth noise about 0, of unit spread; `cells`: pixels of one bump."""
        size = (max(2, int(self.width / cells)), max(2, int(self.height / cells)))
        seeds = self.rng.standard_normal((size[1], size[0])).astype(np.float32)
        grown = Image.fromarray(seeds).resize((self.width, self.height), Image.Resampling.BICUBIC)
        return np.asarray(grown)

    def clouds(self, cell: float = 90) -> Plane:
        """Noise of four octaves, 0 to 1."""
        total = np.zeros_like(self.alpha)
        for k in range(4):
            total += self.noise(cell / 2**k) / 2**k
        np.clip(0.5 + 0.33 * total, 0, 1, out=total)
        return total

    def blur(self, plane: Plane, radius: float) -> Plane:
        sigma = max(0.6, radius * self.unit)
        box = _bounds(plane, margin=math.ceil(3 * sigma))
        if box is None:
            return plane
        soft = np.zeros_like(plane)
        soft[box] = _blur(plane[box], sigma)
        return soft

    def down(self) -> Plane:
        """y of every pixel, in half short sides."""
        y = np.linspace(-self.bottom, self.bottom, self.height, dtype=np.float32)
        return np.broadcast_to(y[:, None], (self.height, self.width))

    def across(self) -> Plane:
        """x of every pixel, in half short sides."""
        x = np.linspace(-self.right, self.right, self.width, dtype=np.float32)
        return np.broadcast_to(x[None], (self.height, self.width))

    def picture(self, noise: float = 2.5) -> Image.Image:
        """The finished RGB picture: a slight vignette and the grain of a sensor."""
        away = (self.across() / self.right) ** 2 + (self.down() / self.bottom) ** 2
        developed = self.pixels * (1 - 0.035 * away)[..., None]
        developed += self.rng.standard_normal((*self.alpha.shape, 1), np.float32) * noise
        return Image.fromarray(np.clip(developed, 0, 255).astype(np.uint8))

    def cutout(self) -> Image.Image:
        """The finished picture with a transparent ground."""
        picture = self.picture(noise=1.5)
        picture.putalpha(Image.fromarray((self.alpha * 255).astype(np.uint8)))
        return picture

    def _place(self, outline: Outline) -> Outline:
        placed = rotate(outline, self._turn) * self._scale + self._shift
        framed = rotate(placed, self._tilt) + self._offset
        return framed * self.unit + (self.width / 2, self.height / 2)


def rgb(colour: Colour) -> NDArray[np.float32]:
    """A colour that planes can be multiplied with: shape (3,)."""
    return np.asarray(colour, np.float32)


def scaled(colour: Colour, factor: float) -> Colour:
    """The same colour, lighter or darker."""
    r, g, b = (min(255.0, channel * factor) for channel in colour)
    return r, g, b


def _bounds(cover: Plane, margin: int = 0) -> Box | None:
    """The smallest box around what is covered, `margin` pixels wider."""
    rows, columns = np.flatnonzero(cover.max(1)), np.flatnonzero(cover.max(0))
    if not rows.size or not columns.size:
        return None
    return (
        slice(max(0, rows[0] - margin), rows[-1] + 1 + margin),
        slice(max(0, columns[0] - margin), columns[-1] + 1 + margin),
    )


def _lit(cover: Plane, box: Box, puff: float) -> tuple[Plane, Plane]:
    """Light that falls on the blown-up silhouette in `box` (0.4 to 1.15), its highlight 0 to 1."""
    width, height = box[1].stop - box[1].start, box[0].stop - box[0].start
    shrink = min(1.0, _COARSE / max(height, width))
    small = (max(4, round(width * shrink)), max(4, round(height * shrink)))
    mask = np.asarray(Image.fromarray(cover[box]).resize(small, Image.Resampling.BOX), np.float32)
    margin = 4 + max(small) // 5
    mask = _beyond_the_frame(mask, cover.shape, box, margin)
    thick = math.sqrt(float(mask.sum()) / math.pi)  # radius of a disc of the same area
    bump = sum((_blur(mask, thick * r) * thick * r for r in (0.55, 0.3, 0.15)), np.float32(0))
    bump = (bump * 2.1 * puff).astype(np.float32)
    dy, dx = np.gradient(bump)
    normal = np.stack([-dx, -dy, np.ones_like(dx)], -1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    lamp = np.clip(normal @ _LAMP * 0.62 + 0.38, 0, 1) ** 1.25
    bounce = np.clip(normal[..., 1], 0, 1) * 0.1
    light = 0.38 + 0.8 * lamp + bounce - 0.08 * (1 - normal[..., 2])
    shine = np.clip(normal @ _HALFWAY, 0, 1) ** 26
    inner = (slice(margin, -margin), slice(margin, -margin))
    return _grown(light[inner], width, height), _grown(shine[inner], width, height)


def _beyond_the_frame(mask: Plane, frame: tuple[int, ...], box: Box, margin: int) -> Plane:
    """`mask` with a margin: empty, but a body that the frame cuts goes on outside of it."""
    padded = np.pad(mask, margin)
    if box[0].start == 0:
        padded[:margin] = padded[margin]
    if box[0].stop >= frame[0]:
        padded[-margin:] = padded[-margin - 1]
    if box[1].start == 0:
        padded[:, :margin] = padded[:, margin, None]
    if box[1].stop >= frame[1]:
        padded[:, -margin:] = padded[:, -margin - 1, None]
    return padded


def _grown(plane: Plane, width: int, height: int) -> Plane:
    image = Image.fromarray(np.ascontiguousarray(plane, np.float32))
    return np.asarray(image.resize((width, height), Image.Resampling.BICUBIC))


def _blur(plane: Plane, sigma: float) -> Plane:
    """Nearly Gaussian, zero outside: three running means each way, on a coarse grid where wide."""
    height, width = plane.shape
    fold = max(1, int(sigma / 3))
    if fold > 1 and min(height, width) >= 2 * fold:
        small = Image.fromarray(plane).resize(
            (-(-width // fold), -(-height // fold)), Image.Resampling.BOX
        )
        return _grown(_blur(np.asarray(small), sigma * small.width / width), width, height)
    reach = max(1, round(math.sqrt(4 * sigma * sigma + 1) - 1) // 2)
    for _ in range(3):
        plane = _running_mean(_running_mean(plane, reach).T, reach).T
    return plane


def _running_mean(plane: Plane, reach: int) -> Plane:
    """Down the columns."""
    padded = np.zeros((plane.shape[0] + 2 * reach + 1, plane.shape[1]), np.float32)
    padded[reach + 1 : len(padded) - reach] = plane
    total = np.cumsum(padded, axis=0)
    mean: Plane = (total[2 * reach + 1 :] - total[: -2 * reach - 1]) / np.float32(2 * reach + 1)
    return mean
