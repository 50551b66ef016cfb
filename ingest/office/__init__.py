"""Office files: what their pages, slides and sheets say."""
