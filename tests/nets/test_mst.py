"""MSTmodel and nets on waveforms that begin with it."""

import pytest
import torch

from featkit.errors import ParameterError
from featkit.nets import catalog
from featkit.nets.adapters import parameters
from featkit.nets.base import fill
from featkit.nets.mst import MST, samples_of
from featkit.nets.raw_piczak import RawPiczak

SHAPE = (51_200,)
SMALL = {"filters": 2, "hidden": 4}


@pytest.fixture
def learned():
    """A net with batch normalisation whose statistics and shifts are not those of the start."""
    torch.manual_seed(0)
    net = MST(batch_norm=True)
    for norm in net.norms:
        norm.shift.data.uniform_(-0.5, 0.5)
    with torch.no_grad():
        for _ in range(30):
            net(3 * torch.randn(4, 5120) + 0.5)
    return net.eval()


def test_it_has_the_papers_parameters_and_frames():
    net = MST()
    layers = [parameters(layer) for layer in net.convolutions]
    assert layers == [524_800, 393_472, 46_140] and parameters(net) == 964_412
    assert net.convolutions[0].stride == (512,) and net.frames(*SHAPE) == 100
    assert net(torch.zeros(1, *SHAPE)).shape == (1, 60, 100)


def test_padding_gives_the_log_mels_101_frames():
    net = MST("pad")
    assert net.frames(*SHAPE) == 101 and net(torch.zeros(1, *SHAPE)).shape == (1, 60, 101)


@pytest.mark.parametrize(("edge", "start"), [("drop", 512 * 4 - 256), ("pad", 512 * 4 - 512)])
def test_a_frame_hears_1024_samples_from_half_or_a_whole_hop_before_it(edge, start):
    net = MST(edge)
    samples = torch.zeros(1, 8192, requires_grad=True)
    net.convolutions[0](samples[:, None])[0, :, 4].sum().backward()
    heard = torch.nonzero(samples.grad[0]).flatten()
    assert (heard.min(), heard.max()) == (start, start + 1023)


def test_activations_are_relu_relu_tanh():
    torch.manual_seed(0)
    net, rows = MST().eval(), 5 * torch.randn(1, 5120)
    first, second, third = net.convolutions
    expected = third(second(first(rows[:, None]).relu()).relu()).tanh()
    assert torch.allclose(net(rows), expected, atol=1e-6)
    assert net(rows).abs().max() <= 1


def test_the_loss_is_the_mean_squared_error():
    values = torch.tensor([[[1.0, 0.0]]])
    assert MST().loss(values, torch.tensor([[[0.0, 2.0]]])) == 2.5


def test_folding_keeps_the_outputs_and_dropping_raises_the_error(learned):
    rows = 3 * torch.randn(4, 5120) + 0.5
    target = learned(rows)
    folded, dropped = (learned.without_norm(norm).eval() for norm in ("fold", "drop"))
    assert parameters(folded) == parameters(dropped) == 964_412
    assert torch.allclose(folded(rows), target, atol=1e-5)
    assert folded.loss(folded(rows), target) < 1e-10 < 0.05 < dropped.loss(dropped(rows), target)
    assert all(
        torch.equal(one.weight, other.weight) and torch.equal(one.bias, other.bias)
        for one, other in zip(dropped.convolutions, learned.convolutions, strict=True)
    )


def test_normalisation_has_a_shift_and_no_scale():
    assert parameters(MST(batch_norm=True)) == 964_412 + 512 + 256 + 60


def test_normalisation_divides_by_the_root_of_variance_and_a_thousandth():
    # Variance 0.01, so that 0.1 becomes 0.1 / √0.011.
    maps = torch.tensor([-0.1, 0.1]).expand(1, 512, 2)
    normalised = MST(batch_norm=True).norms[0](maps)
    assert normalised[0, 0].tolist() == pytest.approx([-0.953463, 0.953463], rel=1e-5)


def test_a_file_holds_the_net(learned, tmp_path):
    learned.save(tmp_path / "mst.safetensors")
    back = MST.read(tmp_path / "mst.safetensors").eval()
    rows = torch.randn(1, 5120)
    assert back.edge == "drop" and torch.equal(back(rows), learned(rows))


def test_files_of_something_else_are_refused(tmp_path):
    with pytest.raises(ParameterError, match="no such file"):
        MST.read(tmp_path / "none.safetensors")
    (tmp_path / "text").write_text("text")
    with pytest.raises(ParameterError, match="not a safetensors file"):
        MST.read(tmp_path / "text")
    from safetensors.torch import save_file

    save_file({"weight": torch.zeros(2)}, tmp_path / "other.safetensors")
    with pytest.raises(ParameterError, match="not a file of featkit analyze mst"):
        MST.read(tmp_path / "other.safetensors")
    save_file({"w": torch.zeros(2)}, tmp_path / "wrong.safetensors", metadata={"edge": "pad"})
    with pytest.raises(ParameterError, match="tensors of another net"):
        MST.read(tmp_path / "wrong.safetensors")


@pytest.mark.parametrize("shape", [(1023,), (100, 60)])
def test_rows_other_than_waveforms_are_refused(shape):
    with pytest.raises(ParameterError, match=str(shape).replace("(", r"\(").replace(")", r"\)")):
        samples_of(shape)


@pytest.mark.parametrize(("edge", "values"), [("drop", 720), ("pad", 800)])
def test_the_end_to_end_net_has_720_values_because_of_100_frames(edge, values):
    net = catalog.blank(f"raw_piczak:edge={edge}", SHAPE, 50)
    assert net.cnn.fc1.in_features == values
    assert parameters(net) == 964_412 + 29_306_770 - (800 - values) * 5000


def test_random_front_layers_drop_half_and_loaded_ones_nothing(tmp_path):
    MST().save(tmp_path / "mst")
    assert RawPiczak(SHAPE, 3, **SMALL).mst.dropout == 0.5
    assert RawPiczak(SHAPE, 3, mst=tmp_path / "mst", **SMALL).mst.dropout == 0


@pytest.mark.parametrize("norm", ["fold", "drop"])
def test_front_layers_start_from_the_file_without_its_normalisation(learned, tmp_path, norm):
    learned.save(tmp_path / "mst")
    net = RawPiczak(SHAPE, 3, mst=tmp_path / "mst", norm=norm, **SMALL)
    fill(net)
    expected = learned.without_norm(norm).state_dict()
    assert all(torch.equal(value, expected[name]) for name, value in net.mst.state_dict().items())


def test_what_does_not_go_together_is_refused(tmp_path):
    with pytest.raises(ParameterError, match="needs mst=FILE"):
        RawPiczak(SHAPE, 3, frozen=True, **SMALL)
    MST("pad").save(tmp_path / "pad")
    with pytest.raises(ParameterError, match="edge=pad, not edge=drop"):
        RawPiczak(SHAPE, 3, mst=tmp_path / "pad", **SMALL).fill()
    with pytest.raises(ParameterError, match="no such file"):
        catalog.check(f"raw_piczak:mst={tmp_path}/none")
