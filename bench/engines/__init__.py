"""The contenders of `bench.engine`, each a process of its own, and what is measured of our engine alone."""
