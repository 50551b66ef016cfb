"""Models behind a server: the same vectors and scores, asked for over HTTP."""
