"""Schemas and code lists as data: ``importlib.resources.files("schemas")``; sources in SOURCES.md."""
