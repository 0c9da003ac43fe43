"""One run from within: lives of people, flows between places, and the words to tell them."""
