"""The bank's other systems: small protocols, and what speaks to them."""
