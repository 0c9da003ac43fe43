"""The policy screen: levers, the answer, curves, what binds and why, what it would take; its payload serves others."""
