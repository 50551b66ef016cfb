"""Libraries past one machine: vectors and words in Milvus, the documents in a SQL database."""
