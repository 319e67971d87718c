"""The only code that speaks to infrastructure; knows no room below it."""
