"""The resident refresher: waits for changes, refreshes, and waits again."""
