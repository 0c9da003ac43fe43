"""What each kind of agent is: its columns, their lists of values, and the Mesa agent class."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from injae.agents.firm import Firm
    from injae.agents.hospital import Hospital
    from injae.agents.trainee import Trainee
    from injae.agents.university import University

__all__ = ["Firm", "Hospital", "Trainee", "University"]


def __getattr__(name: str) -> Any:
    """An agent class, loaded when it is asked for: Mesa takes a second to load, and listing levers needs none of it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{name.lower()}"), name)
