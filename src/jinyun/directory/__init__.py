"""What can be done with the organisation: apart from its tables, because access stands on those and this on access."""
