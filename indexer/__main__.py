"""`python -m indexer`."""

from .cli import main

main()
