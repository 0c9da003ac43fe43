"""What a person looks at: commands, printed answers, figures, the view in the browser."""
