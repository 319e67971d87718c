"""Jinyun (金云): the cloud management platform of a bank's data centres."""
