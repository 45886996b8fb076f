"""Outlines as closed polygons: (n, 2) arrays of x to the right and y down, in half short sides."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Outline = NDArray[np.float64]  # shape (n, 2)
Points = Sequence[tuple[float, float]]


def ellipse(x: float, y: float, rx: float, ry: float | None = None, turn: float = 0) -> Outline:
    """An ellipse about (x, y), turned clockwise by `turn` degrees."""
    t = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    points = np.stack([rx * np.cos(t), (rx if ry is None else ry) * np.sin(t)], axis=1)
    return rotate(points, turn) + (x, y)


def box(x: float, y: float, width: float, height: float, corner: float = 0) -> Outline:
    """A rectangle about (x, y) with round corners."""
    corner = min(corner, width / 2, height / 2)
    quarter = np.linspace(0, np.pi / 2, 8) if corner else np.zeros(1)
    corners = []
    for start, sx, sy in ((0, 1, 1), (1, -1, 1), (2, -1, -1), (3, 1, -1)):
        angle = quarter + start * np.pi / 2
        arc = np.stack([np.cos(angle), np.sin(angle)], axis=1) * corner
        corners.append(arc + (sx * (width / 2 - corner), sy * (height / 2 - corner)))
    return np.concatenate(corners) + (x, y)


def polygon(points: Points) -> Outline:
    return np.asarray(points, float)


def smooth(points: Points, steps: int = 10) -> Outline:
    """A closed curve through all points (Catmull-Rom)."""
    p = np.asarray(points, float)
    return _catmull_rom(np.roll(p, 1, 0), p, np.roll(p, -1, 0), np.roll(p, -2, 0), steps)


def curve(points: Points, steps: int = 10) -> Outline:
    """An open curve through all points (Catmull-Rom)."""
    p = np.asarray(points, float)
    padded = np.concatenate([p[:1] * 2 - p[1:2], p, p[-1:] * 2 - p[-2:-1]])
    line = _catmull_rom(padded[:-3], padded[1:-2], padded[2:-1], padded[3:], steps)
    return np.concatenate([line, p[-1:]])


def stroke(points: Points, width: float, end_width: float | None = None) -> Outline:
    """A brush stroke along a smooth line, as wide as `width` at its start."""
    line = curve(points)
    along = np.gradient(line, axis=0)
    across = np.stack([-along[:, 1], along[:, 0]], 1)
    across /= np.linalg.norm(across, axis=1, keepdims=True) + 1e-9
    end = width if end_width is None else end_width
    half = np.linspace(width / 2, end / 2, len(line))[:, None]
    return np.concatenate([line + across * half, (line - across * half)[::-1]])


def star(x: float, y: float, outer: float, inner: float, rays: int, turn: float = 0) -> Outline:
    t = np.arange(2 * rays) * math.pi / rays
    radius = np.where(np.arange(2 * rays) % 2, inner, outer)
    points = np.stack([radius * np.sin(t), -radius * np.cos(t)], 1)
    return rotate(points, turn) + (x, y)


def rotate(points: Outline, degrees: float) -> Outline:
    """Turned clockwise about the origin."""
    a = math.radians(degrees)
    turned = points @ np.array([[math.cos(a), math.sin(a)], [-math.sin(a), math.cos(a)]])
    return np.asarray(turned)


def mirror(points: Outline) -> Outline:
    """Left and right exchanged."""
    return points * (-1, 1)


def _catmull_rom(a: Outline, b: Outline, c: Outline, d: Outline, steps: int) -> Outline:
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    a, b, c, d = (p[:, None] for p in (a, b, c, d))
    spline = b + t * (c - a) / 2 + t**2 * (a - 2.5 * b + 2 * c - d / 2)
    spline = spline + t**3 * (1.5 * (b - c) + (d - a) / 2)
    return np.asarray(spline.reshape(-1, 2))
