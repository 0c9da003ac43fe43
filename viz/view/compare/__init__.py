"""The screen that lays scenarios beside each other."""
