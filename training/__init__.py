"""How the embedded model was made, and how to make another; nothing imports this package."""
