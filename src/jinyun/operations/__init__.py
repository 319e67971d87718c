"""The durable engine: work that survives the death of whoever does it."""
