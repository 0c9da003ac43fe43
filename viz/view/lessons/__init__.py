"""The teaching screen: five lessons."""
