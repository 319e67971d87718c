"""Volumes: block storage of an application system."""
