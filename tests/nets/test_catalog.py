"""The catalogue of nets."""

import subprocess
import sys

import pytest
import torch

from featkit.errors import ParameterError
from featkit.nets import catalog
from featkit.nets.adapters import parameters


@pytest.mark.parametrize("arch", catalog.OWN)
def test_own_nets_are_built_for_their_default_shape(arch: str) -> None:
    shape = catalog.default_shape(arch)
    assert catalog.build(arch, shape, 5)(torch.randn(2, *shape)).shape == (2, 5)


def test_a_blank_net_has_shapes_but_no_memory() -> None:
    net = catalog.blank("vit_h_14", (3, 128, 250), 10)
    assert parameters(net) > 600_000_000 and all(value.is_meta for value in net.parameters())


def test_outside_nets_are_reached_by_module_and_name() -> None:
    assert (
        type(catalog.build("featkit.nets.instrument:AudioCRNN", (16, 16), 3)).__name__
        == "AudioCRNN"
    )
    with pytest.raises(ParameterError, match=r"no\.such"):
        catalog.check("no.such:Net")


def test_an_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(ParameterError, match=r"cnn, lstm.*densenet201"):
        catalog.check("convolution")


def test_rows_that_are_too_small_are_refused_before_anything_is_drawn() -> None:
    with pytest.raises(ParameterError, match=r"cannot read rows of shape \(3, 20, 20\)"):
        catalog.build("inception_v3", (3, 20, 20), 4)


def test_stems_are_for_torchvisions_nets() -> None:
    with pytest.raises(ParameterError, match="'cnn'"):
        catalog.build("cnn", (16, 16), 2, channels=1)


def test_naming_the_nets_imports_no_torch() -> None:
    code = "import sys, featkit.nets.catalog as c; list(c.OWN); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
