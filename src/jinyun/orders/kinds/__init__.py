"""The kinds of thing that can be ordered: each holds, delivers and gives back in its own way."""
