"""How large a picture may be, unless the settings say otherwise."""

from __future__ import annotations

MAX_MEGAPIXELS = 256  # of a file that is indexed
QUERY_MEGAPIXELS = 52  # of a picture that is searched with
