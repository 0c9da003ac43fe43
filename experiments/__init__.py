"""Many runs: each file answers one question."""

import os

if os.environ.get("INJAE_WITH"):  # also in processes that a command with an extension has started
    from experiments.extensions import load_as_told

    load_as_told()
