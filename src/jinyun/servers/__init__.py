"""Servers: what was delivered, and what its owner may do with it."""
