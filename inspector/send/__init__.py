"""The way out: whatever this tool sends goes through one guarded dialer."""
