"""Transfer without ImageNet, step one: train ResNet-18 on log-mel images of the synthetic dataset.

Run from the root of the repository. ``python benchmarks/papers/pretrain.py`` writes the weights
that ``p6_transfer.yaml`` fine-tunes, ``python benchmarks/papers/pretrain.py transfer`` those of
``transfer_resnet18.yaml``.
"""

import sys
from pathlib import Path

from featkit import Store, extract, make_classifier

STORES = Path("benchmarks/papers/stores")
RECIPE = "net:arch=resnet18,recipe=instrument,precision=bfloat16,verbose=true"
# Weights, clips of the synthetic dataset, feature, and how the net is trained.
STUDIES = {
    "p6": (
        "p6_resnet18.safetensors",
        600,
        "logmel:hop_length=862,n_frames=128",
        f"{RECIPE},epochs=20",
    ),
    "transfer": (
        "transfer_resnet18.safetensors",
        2000,
        "logmel:n_mels=32,n_fft=4096,hop_length=3446,n_frames=32",
        f"{RECIPE},batch_size=32,epochs=8,step=6",
    ),
}

if __name__ == "__main__":
    file, clips, feature, classifier = STUDIES[sys.argv[1] if len(sys.argv) > 1 else "p6"]
    if (STORES / file).exists():
        raise SystemExit(f"{STORES / file} is there")
    STORES.mkdir(parents=True, exist_ok=True)
    store = STORES / f"synthetic-{clips}.zarr"
    extract(f"synthetic:{clips}", feature, store, jobs=2)
    table = Store(store).table(feature)
    net = make_classifier(classifier)
    net.fit(table.X, table.y).save_weights(STORES / file)
    print(
        f"{len(table)} clips, {len(table.classes)} classes, "
        f"{net.score(table.X, table.y):.3f} on the training rows: {STORES / file}"
    )
