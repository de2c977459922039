"""The names of the poolings of a map, without loading torch."""

from collections.abc import Sequence

from featkit.errors import ParameterError

POOLS = ("mean", "relu", "std", "max", "ppv", "mpv", "mipv", "lspv")
# Those that need a bias: a random quantile of the map's values for a reference.
BIASED = frozenset({"ppv", "mpv", "mipv", "lspv"})
QUANTILES = 0.6, 0.98


def check(pools: Sequence[str], name: str) -> None:
    """Raise ParameterError unless ``pools`` are names of poolings, at least one and none twice."""
    wrong = [pool for pool in pools if pool not in POOLS]
    if wrong or not pools or len(set(pools)) < len(pools):
        raise ParameterError(
            f"{name}:pool={'+'.join(pools)} must have one or more of {', '.join(POOLS)}, each once"
        )
