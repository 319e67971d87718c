"""One machine: Jinyun, and a cloud for it to manage, real or simulated."""
