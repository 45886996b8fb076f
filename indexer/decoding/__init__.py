"""Decoder processes: they live long, read the files themselves, and may die.

Each worker is a bare Python that imports Pillow but no torch, under a memory limit and a clock. It
gets one file after the other through a socket of its own and answers with plain data: JSON and
pixels, never pickles, so that a worker that a hostile file has taken over can tell lies about
that file and nothing more. A worker that dies is started again; the file that killed it is a
failure like any other. `files` reads many of them, `queries` the pictures that strangers send,
`direct` one in this process, for whoever has limits of their own around it.
"""

from .direct import read_directly
from .files import DecoderPool
from .process import Limits
from .queries import PoolDecoder

__all__ = ["DecoderPool", "Limits", "PoolDecoder", "read_directly"]
