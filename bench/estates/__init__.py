"""What the import of a vCenter is measured with."""
