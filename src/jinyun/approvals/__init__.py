"""Who has to say yes before something happens, who said it, and what exactly he said it to."""
