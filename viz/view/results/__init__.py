"""The screen for finished sweeps; reads files, never runs code from them."""
