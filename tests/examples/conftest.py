"""The projects in here are run by the tests beside them, each in a process of its own."""

collect_ignore = ["refunds"]
