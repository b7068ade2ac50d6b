"""The doors: HTTP for programs and for people."""
