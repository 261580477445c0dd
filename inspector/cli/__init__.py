"""The command line. The only room, with the pytest plugin, that reads the process's environment."""
