"""The command line `segments`: options in, one service called, its answer printed."""
