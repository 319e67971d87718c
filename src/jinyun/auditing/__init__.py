"""Reading the audit log over HTTP: apart from the log, which access itself writes to."""
