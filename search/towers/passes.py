"""A batch in as many passes as the device has memory for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, TypeVar

import torch

from ..errors import EncoderError

R = TypeVar("R")


class Passes:
    """Halves what does not fit, and remembers what did. The one place that knows how torch says
    that memory is out: whoever hands over a batch need not care how large it is."""

    def __init__(self, refusal: str, at_most: int | None = None) -> None:
        """`refusal`: the message where not even a single picture fits. `at_most`: of a pass."""
        self._refusal = refusal
        self._at_most = at_most

    def of(self, batch: Any, work: Callable[[Any], R]) -> list[R]:
        """What `work` makes of the parts of `batch` (an array or a tensor), in their order.

        Raises EncoderError.
        """
        passes = -(-len(batch) // (self._at_most or len(batch)))
        if passes > 1:
            return [made for part in _parts(batch, passes) for made in self.of(part, work)]
        try:
            return [work(batch)]
        except RuntimeError as error:
            if not _says_memory_is_out(error):
                raise
            if len(batch) == 1:
                raise EncoderError(self._refusal) from None
        self._at_most = len(batch) // 2
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        return self.of(batch, work)


def _says_memory_is_out(error: RuntimeError) -> bool:
    """Torch's own allocator has a type for it, the driver only words."""
    return isinstance(error, torch.OutOfMemoryError) or "out of memory" in str(error).lower()


def _parts(batch: Any, count: int) -> Iterator[Any]:
    bounds = [len(batch) * number // count for number in range(count + 1)]
    return (batch[start:end] for start, end in pairwise(bounds))
