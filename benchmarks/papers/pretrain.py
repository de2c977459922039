"""Transfer without ImageNet, step one: train ResNet-18 on log-mel images of the synthetic dataset.

Run from the root of the repository: ``python benchmarks/papers/pretrain.py`` writes the weights,
and ``featkit run benchmarks/papers/p6_transfer.yaml`` fine-tunes them.
"""

from pathlib import Path

from featkit import Store, extract, make_classifier

STORES = Path("benchmarks/papers/stores")
WEIGHTS = STORES / "p6_resnet18.safetensors"
FEATURE = "logmel:hop_length=862,n_frames=128"

if __name__ == "__main__":
    if WEIGHTS.exists():
        raise SystemExit(f"{WEIGHTS} is there")
    STORES.mkdir(parents=True, exist_ok=True)
    extract("synthetic:600", FEATURE, STORES / "synthetic.zarr", jobs=2)
    table = Store(STORES / "synthetic.zarr").table(FEATURE)
    net = make_classifier(
        "net:arch=resnet18,recipe=instrument,epochs=20,precision=bfloat16,verbose=true"
    )
    net.fit(table.X, table.y).save_weights(WEIGHTS)
    print(
        f"{len(table)} clips, {len(table.classes)} classes, "
        f"{net.score(table.X, table.y):.3f} on the training rows: {WEIGHTS}"
    )
