"""What every room stands on: database, errors, ids, paging, clock, events, settings. Knows no room."""
