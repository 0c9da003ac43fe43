"""What happens: each submodel, its rules and the processes that apply them, in one file; and their order in a month."""
