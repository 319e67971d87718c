"""Orders: what was asked for, by whom, for which application system."""
