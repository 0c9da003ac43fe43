"""Figures by matplotlib, drawn from data only; nothing outside this folder and the view's exports knows it."""
