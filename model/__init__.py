"""Two or more bodies meeting, and the order in which things happen."""
