"""A classifier's model put together and rebuilt."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from featkit.errors import MissingDependencyError, ParameterError
from featkit.nets import adapters
from featkit.training import assembly, weights
from featkit.training.assembly import Plan
from featkit.training.data import Rows
from featkit.training.engine import Part

PLAN = Plan("cnn", (16, 8), 3)
STATISTICS = (np.full((1, 8), 2, np.float32), np.full((1, 8), 4, np.float32))


def test_members_differ_in_the_head_only() -> None:
    first, second = (assembly.assemble(PLAN, None, "none", 5, member) for member in (0, 1))
    top = adapters.head(first)[0]
    for name, value in first.state_dict().items():
        assert torch.equal(value, second.state_dict()[name]) != name.startswith(top), name


def test_seeds_differ_in_everything() -> None:
    first, second = (assembly.assemble(PLAN, None, "none", seed, 0) for seed in (0, 1))
    assert not any(
        torch.equal(value, second.state_dict()[name]) for name, value in first.state_dict().items()
    )


def test_weights_fill_the_body_and_the_head_is_fresh(tmp_path: Path) -> None:
    source = assembly.assemble(PLAN, None, "none", 1, 0)
    weights.save(source.net, tmp_path / "w.safetensors")
    made = assembly.assemble(PLAN, None, str(tmp_path / "w.safetensors"), 2, 0)
    for name, value in made.net.state_dict().items():
        assert torch.equal(value, source.net.state_dict()[name]) != name.startswith("head"), name


def test_a_rebuilt_model_is_the_same() -> None:
    made = assembly.assemble(PLAN, STATISTICS, "none", 0, 0)
    again = assembly.rebuild(PLAN, assembly.tensors(made), channels_last=False)
    rows = torch.randn(2, 16, 8)
    assert torch.equal(made.eval()(rows), again.eval()(rows))
    assert torch.equal(made.scaling(rows), (rows - 2) / 4)


def test_frozen_names_are_those_of_the_papers_net() -> None:
    backbone = assembly.assemble(Plan("resnet18", (32, 32), 2), None, "none", 0, 0)
    for model, name in (
        (backbone, "layer1"),
        (assembly.assemble(PLAN, None, "none", 0, 0), "stages"),
    ):
        model.get_submodule(assembly.inside(model, (name,))[0])


def test_runs_that_differ_have_folders_of_their_own(tmp_path: Path) -> None:
    rows, targets = np.random.default_rng(0).normal(size=(20, 16, 8)), np.arange(20) % 3
    changed = rows.copy()
    changed[7, 3, 2] += 1e-9
    part, other, turned = (
        Part(Rows(rows), targets),
        Part(Rows(changed), targets),
        Part(Rows(rows), targets[::-1].copy()),
    )
    files = [tmp_path / name for name in ("a", "b")]
    for file in files:
        file.write_text(file.name)
    weighted = [({"lr": 1}, PLAN, str(file), [part]) for file in files]
    cases = [({"lr": 1}, PLAN, "none", [part]), ({"lr": 2}, PLAN, "none", [part]), *weighted]
    cases += [
        ({"lr": 1}, replace(PLAN, arch="crnn"), "none", [part]),
        ({"lr": 1}, PLAN, "none", [part, other]),
    ]
    cases += [({"lr": 1}, PLAN, "none", [only]) for only in (other, turned)]
    found = [assembly.run_checkpoints(str(tmp_path), *case) for case in cases for _ in range(2)]
    folders = {kept.folder for kept in found if kept}
    assert len(folders) == len(cases) == 8 and all(folder.parent == tmp_path for folder in folders)
    assert assembly.run_checkpoints("", {}, PLAN, "none", [part]) is None


def test_devices_are_checked() -> None:
    assembly.check_device("cpu")
    with pytest.raises(ParameterError, match="'gpu' is not one of cpu, cuda"):
        assembly.check_device("gpu")
    if not torch.cuda.is_available():
        with pytest.raises(MissingDependencyError, match="leave device at cpu"):
            assembly.check_device("cuda")
