"""OpenStack as a region, through its own client library; every request goes through `api.Api`."""
