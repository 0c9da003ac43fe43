"""Many points, many seeds, one folder: designs, the store, and who does the runs."""
