"""Which variant of a study would the training rows have chosen, fold by fold?

``python benchmarks/papers/chosen_variant.py STORE FEATURE FEATURE …`` measures each by `ridge`: its
mean squared leave-one-out error on the training rows of each outer fold, at the penalty that makes
it smallest, and its accuracy on the fold. The variant with the smallest error is chosen anew in
each fold, so the accuracy at the end chose nothing on a test fold.
"""

import sys

import numpy as np

from featkit import Store
from featkit.classifiers import make_classifier


def measured(store: Store, feature: str) -> tuple[list[float], list[float]]:
    """Return the leave-one-out error and the accuracy of each fold."""
    table = store.table(feature)
    rows, errors, accuracies = table.vectors(), [], []
    for fold, model in make_classifier("ridge").nested_fit(rows, table.y, table.folds):
        test = table.folds == fold
        errors.append(float(model.left_out_errors_.min()))
        accuracies.append(float(np.mean(model.predict(rows[test]) == table.y[test])))
    return errors, accuracies


def main(place: str, features: list[str]) -> None:
    """Print the variants, and what is chosen."""
    results = {feature: measured(Store(place), feature) for feature in features}
    for feature, (errors, accuracies) in results.items():
        listed = " ".join(f"{error:.4f}" for error in errors)
        print(f"{feature}: errors {listed}; accuracy {100 * np.mean(accuracies):.2f} %")
    chosen = [
        min(results, key=lambda feature: results[feature][0][fold])
        for fold in range(len(results[features[0]][0]))
    ]
    accuracy = np.mean([results[feature][1][fold] for fold, feature in enumerate(chosen)])
    print(f"chosen: {', '.join(chosen)}; accuracy {100 * accuracy:.2f} %")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
