"""Mesa's own page of the real model."""
