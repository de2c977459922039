"""Standardisation as a layer."""

import torch

from featkit.nets.standardize import Standardize


def test_rows_are_shifted_and_scaled_per_bin() -> None:
    layer = Standardize(torch.tensor([[1.0, 2.0]]), torch.tensor([[2.0, 4.0]]))
    assert torch.equal(
        layer(torch.tensor([[[3.0, 6.0], [1.0, 2.0]]])), torch.tensor([[[1.0, 1.0], [0.0, 0.0]]])
    )


def test_the_statistics_are_stored_but_not_trained() -> None:
    layer = Standardize(torch.zeros(1), torch.ones(1))
    assert set(layer.state_dict()) == {"mean", "std"} and not list(layer.parameters())
