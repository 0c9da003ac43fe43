"""The best mixes of levers under a budget."""
