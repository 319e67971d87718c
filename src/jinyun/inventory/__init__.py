"""What is in the regions without belonging to anybody."""
