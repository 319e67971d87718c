"""Live: hints to open pages that something changed, so that they read it again."""
