"""Bytes to documents and back, synchronous: one file per standard."""
