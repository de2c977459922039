"""The log loss of nets with several decisions, by how the decisions become one vote.

[Wang2020-code] prints the log loss of the last band, or of the last position in time, in place of
that of the averaged prediction. Here each net of ``dcase_1a_small.yaml`` with several decisions is
trained once and votes in all three ways:

    python benchmarks/papers/last_head.py STORE OUT.json [FOLD …]

STORE is the one that the study filled. Nets that OUT.json has already are not trained again.
"""

import copy
import json
import sys
from pathlib import Path
from typing import Any

from featkit import Store, make_classifier
from featkit.experiment import load
from featkit.results.metrics import fold_metrics

STUDY = Path(__file__).with_name("dcase_1a_small.yaml")
VOTES = ("logits", "probabilities", "last")


def several_decisions() -> list[tuple[str, str]]:
    """Return feature and classifier of the study's nets that decide several times."""
    return [
        (feature, classifier)
        for item in load(STUDY).systems
        for feature in item.features
        for classifier in item.classifiers
        if "decision=time" in classifier or "scene_bands" in classifier
    ]


def votes(store: Store, feature: str, classifier: str, fold: int) -> list[dict[str, Any]]:
    """Return accuracy and log loss of one net on one fold, by each kind of vote."""
    table = store.table(feature)
    train, test = table.folds != fold, table.folds == fold
    net = make_classifier(classifier).fit(table.X[train], table.y[train])
    rows = []
    for vote in VOTES:
        same = copy.copy(net).set_params(arch=f"{net.arch},average={vote}")
        probabilities = same.predict_proba(table.X[test])
        labels = same.classes_[probabilities.argmax(axis=1)]
        measured = fold_metrics(table.y[test], labels, probabilities, list(same.classes_))
        about = {"feature": feature, "classifier": classifier, "fold": fold, "vote": vote}
        rows.append(about | {key: measured[key] for key in ("accuracy", "log_loss")})
    return rows


if __name__ == "__main__":
    place, out, *folds = sys.argv[1:]
    target = Path(out)
    measured = json.loads(target.read_text()) if target.exists() else []
    there = {(row["feature"], row["classifier"], row["fold"]) for row in measured}
    for fold in map(int, folds or ["1"]):
        for feature, classifier in several_decisions():
            if (feature, classifier, fold) in there:
                continue
            measured += votes(Store(place), feature, classifier, fold)
            target.write_text(json.dumps(measured, indent=1) + "\n")
            print(*measured[-3:], sep="\n", flush=True)
