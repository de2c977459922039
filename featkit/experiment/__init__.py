"""A whole experiment from one file: configuration, what it will do, and doing it."""

from featkit.experiment.config import Experiment, Fusion, Systems, load
from featkit.experiment.planning import Plan, check
from featkit.experiment.running import Outcome, run

__all__ = ["Experiment", "Fusion", "Outcome", "Plan", "Systems", "check", "load", "run"]
