"""Memory and time of an SVM search, known before it starts."""

from dataclasses import dataclass

from featkit.classifiers._search import kernel_strips

CACHE_MB = 200
# Seconds, measured on one core of a 2-CPU x86_64 machine; only a search's first estimate uses them.
KERNEL_SECONDS = 1.1e-8  # a candidate of libsvm, per training row and row that it computes with
NEWTON_SECONDS = 1.1e-9  # a candidate of the interior-point method, per class, row and column²


@dataclass(frozen=True)
class Costs:
    """What memory and time depend on.

    Attributes
    ----------
    n, d : int
        Rows and columns of the features.
    blocks : int
        Kernels that are summed.
    scaled : bool
        Whether every set of training rows has products of its own.
    n_classes, candidates, penalties : int
        Numbers of classes, of candidates and of different C.
    scored : bool
        Whether scores are kept besides predictions.
    """

    n: int
    d: int
    blocks: int
    scaled: bool
    n_classes: int
    candidates: int
    penalties: int
    scored: bool

    def memory(self, t: int, m: int, kept: int, shared: bool) -> tuple[float, float]:
        """Return the bytes needed once and by each thread.

        Parameters
        ----------
        t, m : int
            Numbers of training and of held-out rows.
        kept : int
            Outcomes for all rows that are in memory at the same time.
        shared : bool
            Whether products are kept in memory.
        """
        outcomes = self.candidates * self.n * (8.0 + 4.0 * self.n_classes * self.scored)
        fixed = 8.0 * self.n * self.d + kept * outcomes
        cache = min(CACHE_MB * 2.0**20, 4.0 * t * t)
        terms = min(self.blocks, 3)  # a sum, a term and its weighted copy
        if shared:
            matrices = 8.0 * t * (t + m)
            held = 8.0 * (t + m) * self.d if self.scaled else 8.0 * self.n * self.n * self.blocks
            return fixed + self.blocks * matrices + held, terms * matrices + cache
        rows = max(min(kernel_strips.STRIP_BYTES, 8.0 * t * max(t, m)), 8.0 * t)
        models = 8.0 * t * self.n_classes * (1 + self.penalties)
        each = 8.0 * t * t + cache + (self.blocks + terms) * rows + models
        return fixed + 8.0 * t * self.d, each

    def seconds(self, t: int, m: int, direct: int) -> float:
        """Return the estimated time of fitting all candidates on ``t`` rows and asking about ``m``.

        ``direct`` of them are solved by the interior-point method. The time of libsvm depends on
        the data, so it may well be another.
        """
        kernel = (self.candidates - direct) * t * (t + m) * KERNEL_SECONDS
        return kernel + direct * self.n_classes * t * (self.d + 1) ** 2 * NEWTON_SECONDS
