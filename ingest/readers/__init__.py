"""Web pages, books, mail, notebooks, and whatever else is text with some structure."""
