"""What a set of scores says about the systems behind it."""

from featkit.comparison.overview import Comparison, Ranking, compare

__all__ = ["Comparison", "Ranking", "compare"]
