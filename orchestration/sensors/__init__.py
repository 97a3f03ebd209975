"""What begins a refresh, or tells of one: each is a pure plan of what was observed, in a thin wrapper."""
