"""Answers in words: what commands print."""
