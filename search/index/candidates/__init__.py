"""Kinds of index: what finds candidates, one file each. `registry` says which there are."""
