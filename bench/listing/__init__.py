"""A bank of a hundred thousand servers and a million audit records, and how long a page of each list takes."""
