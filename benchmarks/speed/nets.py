"""Random nets of 29-s inputs against eager float32 torch in batches of five, two threads each."""

from typing import Any

import numpy as np
import torch
from timing import against, seconds
from torch import Tensor, nn
from torch.nn import functional

from featkit.features import get_feature

CLIPS = 5


def random_nets() -> list[dict[str, Any]]:
    """Each large net in float32 and bfloat16 against a plain torch model of the same weights'
    shapes.
    """
    torch.set_num_threads(2)
    ratio, gemm = _gemm()
    rng = np.random.default_rng(0)
    rows = []
    for arch, plain, shape in (
        ("vgg", _vgg, (1376, 96)),
        ("sample_level", _sample_level, (350_000, 1)),
    ):
        inputs = [rng.standard_normal(shape).astype(np.float32) for _ in range(CLIPS)]
        batch = torch.from_numpy(np.stack(inputs))
        size = 717 if arch == "vgg" else 512
        model, work = plain(size), _work(arch, size)
        for precision in ("float32", "bfloat16"):
            feature = get_feature(f"random_cnn:arch={arch},size=large,precision={precision}")
            with torch.inference_mode():
                row = against(
                    f"random {arch}, large, {precision}, batch of {CLIPS}, 2 threads: "
                    "eager float32 torch / featkit",
                    lambda feature=feature, inputs=inputs: feature.run(inputs),
                    lambda model=model, batch=batch: model(batch),
                    must=(2.0 if ratio >= 4 else 1.5) if precision == "bfloat16" else 1.0,
                )
            fraction = work * CLIPS / row["ours_s"] / gemm[precision]
            row["note"] = (
                f"{100 * fraction:.0f} % of the {precision} GEMM limit; "
                f"bfloat16 / float32 GEMM ratio {ratio:.1f}"
            )
            rows.append(row)
    return rows


def _gemm(n: int = 2048) -> tuple[float, dict[str, float]]:
    """Return the machine's bfloat16 / float32 GEMM ratio and both rates, in multiply-adds a second
    (best of five).
    """
    rates = {}
    for precision in ("float32", "bfloat16"):
        a = torch.randn(n, n).to(getattr(torch, precision))
        a @ a
        rates[precision] = n**3 / min(seconds(lambda a=a: a @ a) for _ in range(5))
    return rates["bfloat16"] / rates["float32"], rates


def _work(arch: str, filters: int) -> float:
    """Return the multiply-adds of one clip."""
    if arch == "vgg":
        sizes = (1376 * 96, 344 * 48, 86 * 16, 17 * 8, 4 * 4)
        return float(
            sum(
                9 * (filters if number else 1) * filters * size for number, size in enumerate(sizes)
            )
        )
    steps, total = 350_000 // 3, float(3 * filters * (350_000 // 3))
    for _ in range(6):
        total += 3.0 * filters * filters * steps
        steps //= 3
    return total


class _Vgg(nn.Module):  # type: ignore[misc]
    """Convolution, ELU, pool and mean as one would write them."""

    def __init__(self, filters: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            nn.Conv2d(filters if number else 1, filters, 3, padding=1) for number in range(5)
        )

    def forward(self, x: Tensor) -> Tensor:
        x, means = x[:, None], []
        for layer, pool in zip(self.layers, ((4, 2), (4, 3), (5, 2), (4, 2), (4, 4)), strict=True):
            x = functional.max_pool2d(functional.elu(layer(x)), pool)
            means.append(x.mean((2, 3)))
        return torch.cat(means, 1)


class _SampleLevel(nn.Module):  # type: ignore[misc]
    """A strided convolution of three samples, then six of three taps with pooling."""

    def __init__(self, filters: int) -> None:
        super().__init__()
        self.first = nn.Conv1d(1, filters, 3, stride=3)
        self.layers = nn.ModuleList(nn.Conv1d(filters, filters, 3, padding=1) for _ in range(6))

    def forward(self, x: Tensor) -> Tensor:
        x = functional.relu(self.first(x.transpose(1, 2)))
        means = [x.mean(2)]
        for layer in self.layers:
            x = functional.max_pool1d(functional.relu(layer(x)), 3)
            means.append(x.mean(2))
        return torch.cat(means, 1)


def _vgg(filters: int) -> Any:
    return _Vgg(filters).eval()


def _sample_level(filters: int) -> Any:
    return _SampleLevel(filters).eval()
