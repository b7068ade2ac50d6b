"""Data that `gateway init` copies into a new node: calendar, official agencies."""
