"""What a refresh is made of: which segments, whether it may look at what changed only, and who fails."""
