"""Benchmarks: what Jinyun costs beside what does the same without it, as ratios within one run on one machine."""
