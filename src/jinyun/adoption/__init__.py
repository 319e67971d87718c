"""Taking over what is in the regions already: proposed, approved, adopted, managed, given back."""
