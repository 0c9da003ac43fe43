"""The laws and relations of the model, held against any scenario."""
