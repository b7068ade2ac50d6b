"""Benchmarks: ratios against a floor and against a small store, measured in the same run."""
