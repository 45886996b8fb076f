"""Which device the towers would take, asked of the CUDA driver: loading torch takes seconds."""

from __future__ import annotations

import ctypes

from .records import Device

_DRIVER = "libcuda.so.1"
_NAME_BYTES = 256


def expected_device(asked: str) -> Device:
    """Where `choose_device(asked)` would put them; its word counts once a model is loaded."""
    names = [] if asked == "cpu" else devices()
    if asked == "cpu" or (asked == "auto" and not names):
        return Device("cpu", "asked for" if asked == "cpu" else "no CUDA device found")
    number = int(asked.partition(":")[2]) if asked.partition(":")[2].isdigit() else 0
    found = f"{names[number]} found" if number < len(names) else "no such CUDA device"
    return Device(f"cuda:{number}", found)


def devices() -> list[str]:
    """The names of the GPUs that the driver shows to this process; none without a driver."""
    try:
        driver = ctypes.CDLL(_DRIVER)
        count = ctypes.c_int()
        if driver.cuInit(0) or driver.cuDeviceGetCount(ctypes.byref(count)):
            return []
        return [_name(driver, number) for number in range(count.value)]
    except (OSError, AttributeError):
        return []


def _name(driver: ctypes.CDLL, number: int) -> str:
    device, name = ctypes.c_int(), ctypes.create_string_buffer(_NAME_BYTES)
    driver.cuDeviceGet(ctypes.byref(device), number)
    driver.cuDeviceGetName(name, _NAME_BYTES, device)
    return name.value.decode(errors="replace")
