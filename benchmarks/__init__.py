"""What is fast and what is good, measured: each script is `python -m benchmarks.NAME`."""

import search  # noqa: F401 - before torch is imported: it settles how threads wait
