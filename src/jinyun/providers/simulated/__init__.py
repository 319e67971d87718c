"""A data centre of any size that exists only in a file: for tests, for chaos, and for a first look without root.

`build.build_world` makes one, `region.SimulatedRegion` opens it, `faults` spoils it, `journal` tells what was done.
"""
