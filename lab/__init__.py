"""A real data centre on one machine: OpenStack with its database, queue, networks and guests."""
