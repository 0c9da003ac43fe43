"""Which values of uncertain parameters agree with what is known."""
