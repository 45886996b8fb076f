"""One module a command, each a thin shell over the engine or the ingest."""
