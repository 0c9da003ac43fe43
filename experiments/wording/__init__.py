"""Texts, numbers, amounts and dates in Korean and English: one way to read them, one way to write them."""
