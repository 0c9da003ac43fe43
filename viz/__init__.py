"""What a person looks at: figures, the printed answer, the command line."""
