"""The screen inside one run: a map, and the stories behind it."""
