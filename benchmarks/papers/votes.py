"""Both votes of Piczak's net from one training for each fold: results as ``featkit evaluate`` has
them for ``segments:voting=majority,…`` and ``segments:voting=mean,…``, at half the cost.

    python benchmarks/papers/votes.py STORE RESULTS "net=(net:arch=piczak_cnn,…)" [FOLD …]

STORE holds waveform:sr=22050. Folds are those of ``--folds rotating``, called 1v5, 2v1 …; those
that RESULTS has are not trained again.
"""

import sys
import time
from dataclasses import replace

from featkit.classifiers import make_classifier
from featkit.evaluation import Folding, prepare
from featkit.results import append, done
from featkit.results.metrics import aligned, fold_metrics
from featkit.store import Store

RULES = ("majority", "mean")


def measure(store: str, results: str, options: str, names: tuple[str, ...]) -> None:
    """Append the scores of both votes for each fold that has none yet."""
    table = Store(store).table("waveform:sr=22050")
    folding = Folding(folds="rotating", only_folds=names)
    texts = [f"segments:voting={rule},{options}" for rule in RULES]
    runs = [prepare(table, text, folding=folding) for text in texts]
    for split in runs[0].plan.measured:
        finished = done(results)
        # Each run has splits of its own, which are the same folds by name.
        waiting = [
            run for run in runs if split.name in {fold.name for fold in run.missing(finished)}
        ]
        if not waiting:
            continue
        X, y = runs[0].samples.at(split.train)
        model = make_classifier(texts[0])
        start = time.perf_counter()
        model.fit(X, y)
        seconds = time.perf_counter() - start
        X, y = runs[0].samples.at(split.test)
        classes = table.classes.tolist()
        for run, rule in zip(runs, RULES, strict=True):
            model.set_params(rule=rule)
            labels = model.predict(X)
            shares = aligned(model.predict_proba(X), model.classes_, classes)
            score = replace(
                run.blank(split),
                **fold_metrics(y, labels, shares, classes),
                fit_seconds=seconds,
                model_bytes=model.model_bytes,
                y_pred=tuple(labels.tolist()),
                probabilities=tuple(map(tuple, shares.tolist())),
            )
            if run in waiting:
                append(results, [run.about(score, split.test)])
            print(rule, split.name, f"{score.accuracy:.4f}", f"{seconds:.0f} s", flush=True)


if __name__ == "__main__":
    measure(*sys.argv[1:4], tuple(sys.argv[4:]))
