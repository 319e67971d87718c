"""Search: one field for names, addresses, order numbers and people."""
