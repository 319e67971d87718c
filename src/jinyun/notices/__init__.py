"""What people are told: in their inbox here, and through the outbox by mail."""
