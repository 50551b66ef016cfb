"""What a library keeps: SQLite is the truth, the FAISS index a cache."""
