"""Departments, people, and application systems (projects)."""
