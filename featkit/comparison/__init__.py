"""What a set of scores says about the systems behind it."""

from featkit.comparison.choice import best
from featkit.comparison.overview import Comparison, compare
from featkit.comparison.ranking import Ranking

__all__ = ["Comparison", "Ranking", "best", "compare"]
