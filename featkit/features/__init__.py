"""What is stored: one feature per file, each a frozen dataclass that turns a `Signal` into an
array.
"""

from featkit.features.base import Feature, registry
from featkit.features.joining import Joined, get_feature, has_copies, texts

__all__ = ["Feature", "Joined", "get_feature", "has_copies", "registry", "texts"]
