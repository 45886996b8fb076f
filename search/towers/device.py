"""Where the towers run, and in which arithmetic."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch

from ..errors import SettingsError
from ..records import Device

WORTH_IT = 1.3  # bfloat16 must beat float32 by this much on a CPU, or it is not used
HOPELESS = 8  # times as slow in a small product: on no larger one it would win

Heat = Callable[[int, int, int], tuple[float, float]]  # seconds in float32, in bfloat16

_PRECISIONS = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}


def choose_device(name: str = "auto", precision: str = "auto") -> Device:
    """`name` is auto, cpu, cuda or cuda:N; SettingsError if that device is not there.

    Half precision on CUDA. On a CPU bfloat16 where it wins a short race (a CPU without the
    instructions for it loses); the embedded model's image tower then takes 1.2 ms a picture
    instead of 3.0 on two Zen 4 cores, at cosines above 0.9998 to float32.
    """
    place, reason = _place(name)
    if precision == "auto":
        precision = _half(place) if place.type == "cuda" else raced()
    return Device(str(place), reason, precision)


def dtype_of(device: Device) -> torch.dtype:
    return _PRECISIONS[device.precision]


def _place(name: str) -> tuple[torch.device, str]:
    if name == "cpu":
        return torch.device("cpu"), "asked for"
    if name == "auto" and not torch.cuda.is_available():
        return torch.device("cpu"), "no CUDA device found"
    try:
        place = torch.device("cuda:0" if name in ("auto", "cuda") else name)
    except RuntimeError:
        raise SettingsError(f"device {name!r}: use auto, cpu, cuda or cuda:N") from None
    if place.type != "cuda":
        raise SettingsError(f"device {name!r}: use auto, cpu, cuda or cuda:N")
    if (place.index or 0) >= torch.cuda.device_count():
        raise SettingsError(f"device {name!r}: no such CUDA device; use auto or cpu")
    return place, f"{torch.cuda.get_device_name(place)} found"


def _half(place: torch.device) -> str:
    """bfloat16 has the range of float32, so no model overflows in it; older cards lack it."""
    return "bfloat16" if torch.cuda.get_device_capability(place) >= (8, 0) else "float16"


def raced(heat: Heat | None = None) -> str:
    """The final takes about 50 ms where a CPU computes in bfloat16, and ten seconds where it has
    no instructions for it: there the heat, which takes 50 ms at most, has decided already."""
    heat = heat or _heat
    full_s, half_s = heat(16, 256, 256)
    if half_s < HOPELESS * full_s:
        full_s, half_s = heat(256, 768, 3072)
    return "bfloat16" if half_s * WORTH_IT < full_s else "float32"


def _heat(rows: int, width: int, columns: int, rounds: int = 3) -> tuple[float, float]:
    """Seconds in float32 and in bfloat16 for a product as in a transformer: the best of
    alternating rounds."""
    left, right = torch.ones(rows, width), torch.ones(width, columns)
    halves = left.bfloat16(), right.bfloat16()
    full_s = half_s = float("inf")
    for _ in range(rounds + 1):  # the first warms up and cannot be the best
        full_s = min(full_s, _seconds(left, right))
        half_s = min(half_s, _seconds(*halves))
    return full_s, half_s


def _seconds(left: torch.Tensor, right: torch.Tensor) -> float:
    began = time.perf_counter()
    left @ right
    return time.perf_counter() - began
