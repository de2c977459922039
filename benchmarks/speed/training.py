"""Training on a CPU: from the store against a tensor in memory, and against the plain loop that people write."""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torchvision
from timing import against
from torch.utils.data import DataLoader, Dataset

from featkit.datasets import get_dataset
from featkit.extraction import extract
from featkit.store import Store
from featkit.training.data import Rows
from featkit.training.engine import Part, Trainer
from featkit.training.recipes import get_recipe

CLASSES, BATCH, EPOCHS = 10, 16, 2
NETS = (("densenet201", 2.0), ("resnet50", 1.0), ("resnet18", 1.0))


def training() -> list[dict[str, Any]]:
    """The paper's nets at 3 x 128 x 250 on synthetic clips, two threads."""
    torch.set_num_threads(2)
    with tempfile.TemporaryDirectory() as folder:
        return [*_from_the_store(Path(folder)), *_against_a_plain_loop(Path(folder))]


def _from_the_store(folder: Path) -> list[dict[str, Any]]:
    """ResNet-18 on rows that are read from the store while it trains, and on rows that are read once, against a tensor."""
    extract(get_dataset("synthetic:96"), ["multires_logmel"], folder / "store.zarr", jobs=2)
    shelf = Store(folder / "store.zarr")["multires_logmel"]
    table = shelf.table()
    targets = np.unique(table.y, return_inverse=True)[1]

    def run(source: Any, memory: int) -> None:
        net = _net("resnet18", len(table.classes))
        recipe = get_recipe("finetune", epochs=EPOCHS, batch_size=BATCH, precision="bfloat16")
        Trainer(net, recipe, memory=memory).fit(Part(Rows(source), targets))

    name = f"ResNet-18, {len(table)} clips, {EPOCHS} epochs, bfloat16: a tensor in memory / rows of the store"
    return [
        against(f"{name}, read while it trains", lambda: run(shelf.array, 0), lambda: run(table.X, 2**32), must=0.9),
        against(f"{name}, read once", lambda: run(shelf.array, 2**32), lambda: run(table.X, 2**32), must=0.9),
    ]


def _against_a_plain_loop(folder: Path) -> list[dict[str, Any]]:
    """Each net by the engine in bfloat16 and channels-last against a float32 loop over a DataLoader of .npy files."""
    rng = np.random.default_rng(0)
    images = rng.standard_normal((2 * BATCH, 3, 128, 250)).astype(np.float32)
    targets = np.arange(len(images)) % CLASSES
    for number, image in enumerate(images):
        np.save(folder / f"{number}.npy", image)
    rows = []
    for arch, must in NETS:

        def ours(arch: str = arch) -> None:
            recipe = get_recipe("finetune", epochs=EPOCHS, batch_size=BATCH, precision="bfloat16")
            Trainer(_net(arch, CLASSES), recipe).fit(Part(Rows(images), targets))

        def plain(arch: str = arch) -> None:
            _plain_loop(_net(arch, CLASSES), folder, targets)

        name = f"{arch}, {EPOCHS} epochs of {len(images)} images, batch {BATCH}, building included"
        rows.append(against(f"{name}: float32 loop over a DataLoader / featkit in bfloat16", ours, plain, must=must))
    return rows


def _net(arch: str, classes: int) -> Any:
    return torchvision.models.get_model(arch, weights=None, num_classes=classes)


class _Files(Dataset[Any]):  # type: ignore[misc]
    def __init__(self, folder: Path, targets: Any) -> None:
        self.folder, self.targets = folder, targets

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, number: int) -> tuple[Any, int]:
        return torch.from_numpy(np.load(self.folder / f"{number}.npy")), int(self.targets[number])


def _plain_loop(net: Any, folder: Path, targets: Any) -> None:
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-4, weight_decay=1e-3)
    criterion = torch.nn.CrossEntropyLoss()
    net.train()
    for _ in range(EPOCHS):
        for images, labels in DataLoader(_Files(folder, targets), batch_size=BATCH, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(net(images), labels)
            loss.backward()
            optimizer.step()
            loss.item()
