"""What of a managed machine is different from what Jinyun expects."""
