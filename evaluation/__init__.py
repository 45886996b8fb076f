"""How good answers and captions are: measures on ranked ids, scores of captions, test sets."""
