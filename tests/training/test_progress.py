"""The bar over epochs: on a terminal, with losses and accuracies."""

import io
import multiprocessing
import sys

import pytest

from featkit.classifiers import make_classifier
from featkit.training.progress import epochs_bar

ROW = {"epoch": 0, "train_loss": 1.2345, "train_accuracy": 0.5, "valid_loss": 2.0, "seconds": 9.0}


class Terminal(io.StringIO):
    """A stderr that says it is a terminal."""

    def isatty(self):
        return True


def shown(monkeypatch, stream, **options):
    monkeypatch.setattr(sys, "stderr", stream)
    with epochs_bar(5, 2, **options) as show:
        for _ in range(3):
            show(ROW)
    return stream.getvalue()


def test_a_terminal_shows_epochs_loss_accuracy_and_time(monkeypatch):
    text = shown(monkeypatch, Terminal())
    for part in ("2/5", "loss=1.234", "accuracy=0.500", "valid_loss=2.000", "epoch"):
        assert part in text
    assert "seconds=" not in text


def test_every_epoch_of_a_run_is_shown(monkeypatch, patterns):
    X, y = patterns(24)
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    make_classifier("net:arch=cnn,epochs=2,valid=0.25").fit(X, y)
    text = stream.getvalue()
    assert "1/2" in text and "2/2" in text and "valid_accuracy=" in text


@pytest.mark.parametrize("always", [False, True])
def test_elsewhere_it_is_shown_on_request_only(monkeypatch, always):
    assert bool(shown(monkeypatch, io.StringIO(), always=always)) == always


@pytest.mark.parametrize("always", [False, True])
def test_a_worker_shows_it_on_request_only(monkeypatch, always):
    monkeypatch.setattr(multiprocessing.current_process(), "_name", "LokyProcess-1")
    assert bool(shown(monkeypatch, Terminal(), always=always)) == always
