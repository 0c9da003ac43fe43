"""What a link shows where it is passed on: title, description and picture of its own scenario (Open Graph)."""
