"""VMware vCenter as a region."""
