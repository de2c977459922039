"""Integrated gradients: completeness, constants, and numbers that follow from a formula."""

import numpy as np
import pytest
import torch
from torch import nn

from featkit.analysis.explanation.gradients import baseline_row, integrated_gradients
from featkit.errors import ParameterError

pytest.importorskip("captum")


class Square(nn.Module):
    """Class 0: the sum of squares; class 1: three times the first value; class 2: nothing."""

    def forward(self, rows):
        flat = rows.flatten(1)
        return torch.stack([flat.square().sum(1), 3 * flat[:, 0], 0 * flat[:, 0] + 5], dim=1)


def test_attributions_are_those_of_the_formula(rng):
    row, start = rng.normal(size=(2, 4, 3)).astype(np.float32)
    parts, error = integrated_gradients(Square(), row, start, target=0)
    assert parts == pytest.approx(row**2 - start**2, abs=1e-5) and error < 1e-4
    parts, error = integrated_gradients(Square(), row, start, target=1)
    assert parts.ravel()[0] == pytest.approx(3 * (row - start).ravel()[0], abs=1e-5)
    assert not parts.ravel()[1:].any() and error < 1e-5


def test_a_constant_output_has_no_attribution_and_no_error(rng):
    row = rng.normal(size=(4, 3)).astype(np.float32)
    parts, error = integrated_gradients(Square(), row, np.zeros_like(row), target=2)
    assert not parts.any() and error == 0


def test_a_convolutional_net_is_complete_and_points_at_the_event():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ELU(), nn.Flatten(), nn.Linear(480, 3))
    row = np.zeros((1, 10, 12), dtype=np.float32)
    row[0, 4:6, 5:8] = 2.0
    parts, error = integrated_gradients(net, row, np.zeros_like(row), target=1, steps=64)
    assert error < 0.02
    mass = np.abs(parts)[0, 4:6, 5:8].sum() / np.abs(parts).sum()
    assert mass > 0.99


def test_what_a_way_begins_with():
    row, silence = np.ones((2, 3), dtype=np.float32), np.full((2, 3), -80, dtype=np.float32)
    assert baseline_row("silence", row, lambda: silence, None) is silence
    assert not baseline_row("zero", row, lambda: silence, None).any()
    assert baseline_row("mean", row, lambda: silence, np.arange(1, 4)).tolist() == [[1, 2, 3]] * 2
    with pytest.raises(ParameterError, match="mean"):
        baseline_row("mean", row, lambda: silence, None)


@pytest.mark.parametrize(("steps", "shape"), [(1, (4, 3)), (8, (4, 2))])
def test_a_way_that_is_none_is_refused(steps, shape):
    row = np.zeros((4, 3), dtype=np.float32)
    with pytest.raises(ParameterError):
        integrated_gradients(Square(), row, np.zeros(shape, dtype=np.float32), 0, steps)
