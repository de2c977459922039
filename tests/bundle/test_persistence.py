"""What a prediction imports."""

import json
import subprocess
import sys

import pytest
from conftest import environment

from featkit import Folding, Store, extract, train

PREDICT = """
import json, sys
from featkit_cli.main import cli
cli(["predict", "model", "set/low/00.wav"], standalone_mode=False)
heavy = ("torch", "dask", "distributed", "zarr", "matplotlib", "librosa", "skops", "numba")
print(json.dumps([name for name in heavy if name in sys.modules]))
"""
TYPES = """
import json, sys
{before}
from skops.io import _trusted_types as types
print(json.dumps(sorted(map(str, types.SKLEARN_ESTIMATOR_TYPE_NAMES))))
import sklearn.externals.array_api_compat.torch
"""


def last_line(place, code):
    """What a process in a folder prints last, as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=place,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_a_prediction_loads_no_library_that_it_does_not_use(audio_folder, tmp_path):
    folder = audio_folder(12)
    extract(str(folder), ["mfcc_stats"], tmp_path / "s.zarr")
    table = Store(tmp_path / "s.zarr")["mfcc_stats"].table()
    train(table, "svm:C=1,kernel=rbf,gamma=auto", folding=Folding(n_folds=2)).save(
        tmp_path / "model"
    )
    assert last_line(tmp_path, PREDICT) == ["skops", "numba"]


@pytest.mark.slow
def test_skops_trusts_the_same_types_and_the_adapters_can_be_imported_later(tmp_path):
    plain = last_line(tmp_path, TYPES.format(before=""))
    ours = last_line(tmp_path, TYPES.format(before="import featkit.bundle.persistence"))
    assert ours == plain and len(ours) > 100
