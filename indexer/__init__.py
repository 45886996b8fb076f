"""The command line and the ingest: what puts pictures into a library."""
