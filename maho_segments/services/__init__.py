"""What the command line, and every other front, can ask for: one module per service, none of which prints."""
