"""Many runs: each file answers one question."""
