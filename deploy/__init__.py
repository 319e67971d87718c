"""Putting Jinyun on machines."""
