"""One body deciding for itself: the columns, the Mesa agent class and the rules of each kind."""

from agents.firm import Firm
from agents.hospital import Hospital
from agents.trainee import Trainee
from agents.university import University

__all__ = ["Firm", "Hospital", "Trainee", "University"]
