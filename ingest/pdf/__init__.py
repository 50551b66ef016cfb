"""PDF files: what their pages say, in reading order."""
