"""One address plan for all networks, and who may talk to whom."""
