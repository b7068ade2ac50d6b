"""The rooms a document walks through; each reads, decides, commits once."""
