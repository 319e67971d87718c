"""What can be ordered: flavors, images and storage tiers, and what they are called in each region."""
