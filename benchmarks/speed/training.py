"""Training on the CPU: from the store against a tensor in memory, and under the recommended
settings against a plain loop.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from extraction import audio_tree
from timing import against
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset
from torchvision import models

from featkit.classifiers import make_classifier
from featkit.store import Store

THREADS = 2
CLASSES = 10
BATCH = 16
IMAGE = (3, 128, 250)
FEATURE = "multires_logmel"
# The settings that docs/training.md recommends on a CPU; channels-last is the default.
FAST = "recipe=scratch,epochs=1,precision=bfloat16,batch_size=16"


def training(esc10: Path, scratch: Path, *, runs: int = 3, clips: int = 64) -> list[dict[str, Any]]:
    """All comparisons: resnet18 from the store, then three backbones on ``clips`` images, an epoch
    each.
    """
    torch.set_num_threads(THREADS)
    rows = [from_store(esc10, scratch, runs=2 * runs + 1)]
    for arch, must in (("densenet201", 2.0), ("resnet50", 1.0), ("resnet18", 1.0)):
        rows.append(plain_loop(arch, must, runs=runs, clips=clips))
    return rows


def from_store(esc10: Path, scratch: Path, runs: int = 3) -> dict[str, Any]:
    """One epoch on all clips: opening the store and reading the rows included, against the bare
    loop on a tensor in memory.

    ResNet-18 is the fastest of the nets, so reading weighs most. Net, precision, layout, optimizer
    and batches are the same.
    """
    store = scratch / "training.zarr"
    arguments = ["-f", FEATURE, "--store", str(store), "-j", str(THREADS)]
    audio = audio_tree(esc10, scratch, 1, False).parent
    subprocess.run(
        [sys.executable, "-m", "featkit_cli", "extract", str(audio), *arguments], check=True
    )
    images = torch.from_numpy(np.array(Store(store).table(FEATURE).X, dtype=np.float32))
    targets = torch.arange(len(images)) % CLASSES
    labels = targets.numpy()

    def ours() -> None:
        make_classifier(f"net:arch=resnet18,{FAST}").fit(Store(store).table(FEATURE).X, labels)

    def theirs() -> None:
        net = (
            models.get_model("resnet18", weights=None, num_classes=CLASSES)
            .to(memory_format=torch.channels_last)
            .train()
        )
        optimizer = torch.optim.Adam(net.parameters(), lr=1e-4, weight_decay=1e-3)
        for part in torch.randperm(len(images)).split(BATCH):
            batch = images[part].contiguous(memory_format=torch.channels_last)
            with torch.autocast("cpu", torch.bfloat16):
                outputs = net(batch)
            _step(optimizer, functional.cross_entropy(outputs.float(), targets[part]))

    name = (
        f"training resnet18, bfloat16, one epoch of {len(images)} clips: "
        "tensor in memory, bare loop / featkit from the store"
    )
    return against(name, ours, theirs, must=0.9, runs=runs)


def plain_loop(arch: str, must: float, runs: int = 3, clips: int = 64) -> dict[str, Any]:
    """One epoch under the recommended settings against float32 in torch's default layout, batches
    from a DataLoader.

    Both read from memory and build their net; the values of the images do not matter for the time.
    """
    images = torch.randn(clips, *IMAGE, generator=torch.Generator().manual_seed(0))
    targets = torch.arange(clips) % CLASSES
    rows, labels = images.numpy(), targets.numpy()

    def ours() -> None:
        make_classifier(f"net:arch={arch},{FAST}").fit(rows, labels)

    def theirs() -> None:
        net = models.get_model(arch, weights=None, num_classes=CLASSES).train()
        optimizer = torch.optim.Adam(net.parameters(), lr=1e-4, weight_decay=1e-3)
        for batch, labels in DataLoader(
            TensorDataset(images, targets), batch_size=BATCH, shuffle=True
        ):
            _step(optimizer, functional.cross_entropy(net(batch), labels))

    steps = clips // BATCH
    work = f"training {arch}, 3 x 128 x 250, {steps} steps of {BATCH}, {THREADS} threads"
    name = f"{work}: float32 DataLoader loop / featkit, bfloat16"
    row = against(name, ours, theirs, must=must, runs=runs)
    speeds = (
        f"{clips / row['theirs_s']:.0f} -> {clips / row['ours_s']:.0f} images a second, "
        "building the net included"
    )
    return row | {"note": f"{speeds}; bfloat16 instructions of the CPU: {_bfloat16()}"}


def _step(optimizer: torch.optim.Optimizer, loss: torch.Tensor) -> None:
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def _bfloat16() -> str:
    """Return what the CPU has for bfloat16, on which the gain depends."""
    info = Path("/proc/cpuinfo")
    flags = set(info.read_text().split()) if os.name == "posix" and info.exists() else set()
    return " ".join(sorted(flags & {"amx_bf16", "avx512_bf16"})) or "none known"
