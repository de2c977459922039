"""Whether MSTmodel hears what it was not trained on [Tax2017]: its error on other domains."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from featkit import audio
from featkit.analysis import domains
from featkit.analysis.mst import Array, explained, log_mels, predict, scaled, segments_of
from featkit.datasets import get_dataset
from featkit.errors import ParameterError
from featkit.evaluation.folding import Folding
from featkit.nets.mst import MST
from featkit.store.table import Table
from featkit.training import segments
from featkit.training.rows import Rows


@dataclass(frozen=True)
class Domain:
    """How well a net predicts the log-mels of one domain, scaled as in its training.

    Attributes
    ----------
    name : str
    clips, segments : int
    mse : float
        Mean squared error; the training part spans −1 … 1.
    r2 : float
        1 − error / error of the mean of the training part, as `featkit.analysis.mst.Fit` has it.
    r2_own : float
        The same for the domain's own mean, which is stricter: a domain that is louder or softer
        than the training part flatters ``r2``.
    correlation : float
        Pearson's, over all values.
    """

    name: str
    clips: int
    segments: int
    mse: float
    r2: float
    r2_own: float
    correlation: float


def domain_transfer(
    net: MST,
    table: Table,
    fold: str,
    datasets: Sequence[str] = (),
    *,
    clips: int = 100,
    seed: int = 0,
) -> Iterator[Domain]:
    """Yield how a net does on its own test fold, on tones, speech-like sound and music made from
    numbers, and on some datasets.

    Parameters
    ----------
    net : MST
        Trained on the training part of ``fold``.
    table : Table
        The waveforms at 22,050 Hz that it was trained on: their extremes scale the log-mels.
    fold : str
        Such as ``1v5``.
    datasets : sequence of str
        As `featkit.datasets.get_dataset` takes them.
    clips : int
        Clips of each made domain, and most clips of each dataset, evenly spaced.
    seed : int
        Of the made domains.

    Raises
    ------
    ParameterError
        If the fold is none of the table's, or the table holds no waveforms.
    """
    plan = Folding(folds="rotating", only_folds=(fold,)).plan(table)
    corpora = [get_dataset(text) for text in datasets]
    split = plan.measured[0]
    learned = log_mels(segments_of(table, split.train), net.edge)
    extremes = float(learned.min()), float(learned.max())
    mean = float(scaled(learned, extremes).mean())
    own = f"{table.dataset}, fold {split.name.partition('v')[0]}, unheard"
    yield _domain(net, own, len(split.test), segments_of(table, split.test), extremes, mean)
    for name in domains.DOMAINS:
        yield _measured(net, name, domains.clips(name, clips, seed), extremes, mean)
    for dataset in corpora:
        chosen = dataset.clips[:: max(1, len(dataset.clips) // clips)]
        signals = (audio.load(clip.path, clip.start, clip.duration) for clip in chosen)
        yield _measured(net, dataset.name, islice(signals, clips), extremes, mean)


def _measured(
    net: MST, name: str, signals: Iterable[audio.Signal], extremes: tuple[float, float], mean: float
) -> Domain:
    cuts = [segments.cut(signal.at(segments.SR)) for signal in signals]
    if not cuts:
        raise ParameterError(f"{name} has no clips")
    return _domain(net, name, len(cuts), np.concatenate(cuts), extremes, mean)


def _domain(
    net: MST, name: str, clips: int, rows: Array, extremes: tuple[float, float], mean: float
) -> Domain:
    truth = scaled(log_mels(rows, net.edge), extremes)
    error = predict(net, Rows(rows)) - truth
    return Domain(
        name=name,
        clips=clips,
        segments=len(rows),
        mse=float(np.square(error).mean()),
        r2=explained(error, truth - mean),
        r2_own=explained(error, truth - truth.mean()),
        correlation=float(np.corrcoef((error + truth).ravel(), truth.ravel())[0, 1]),
    )
