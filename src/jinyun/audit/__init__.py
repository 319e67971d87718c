"""The log that an auditor can trust: written with each change, numbered and chained afterwards, signed."""
