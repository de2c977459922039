"""Damaged copies of good files: bits, bytes, numbers, cuts, pieces moved, doubled or taken away."""

import struct
from collections.abc import Callable, Sequence

import numpy as np

# Numbers at which programs break, in one, two, four and eight bytes of either order.
_EDGES = (0, 1, 2, 127, 128, 255, 256, 32767, 32768, 65535, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1)
_TOKENS = (
    "=", ":", ",", "(", ")", "\"", "'", "\n", "\t", "\0", "\x1b[2J", "🎵",
    "\u202e", "-1", "0", "1e308", "1e400", "nan",
    "inf", "9" * 50, "9" * 5000, "null", "true", "[", "]", "{", "}", "&a", "*a", "<<: *a", "!!int ",
    "!!python/object/apply:os.system", "- ", "://", "file://", "nosuch://", "../",
    "seed=0-2222222222", "seed=3-1", "+", "a" * 3000,
)  # fmt: skip

Bytes = bytearray
Mutation = Callable[[Bytes, np.random.Generator], None]


def _place(data: Bytes, rng: np.random.Generator) -> int:
    """Return a place in the data, one half of the times near its beginning, where headers are."""
    stop = min(len(data), 256) if rng.random() < 0.5 else len(data)
    return int(rng.integers(max(1, stop)))


def flip(data: Bytes, rng: np.random.Generator) -> None:
    """Change one bit."""
    if data:
        data[_place(data, rng)] ^= 1 << int(rng.integers(8))


def overwrite(data: Bytes, rng: np.random.Generator) -> None:
    """Overwrite some bytes by random ones."""
    at, count = _place(data, rng), int(rng.integers(1, 17))
    data[at : at + count] = rng.bytes(count)[: max(0, len(data) - at)]


def number(data: Bytes, rng: np.random.Generator) -> None:
    """Overwrite a number by one at which programs break."""
    at, form = _place(data, rng), str(rng.choice([f"{o}{k}" for o in "<>" for k in "BHIQ"]))
    value = int(rng.choice(np.array(_EDGES, dtype=np.uint64))) % 2 ** (8 * struct.calcsize(form))
    packed = struct.pack(form, value)
    data[at : at + len(packed)] = packed[: max(0, len(data) - at)]


def cut(data: Bytes, rng: np.random.Generator) -> None:
    """Take away the end."""
    del data[_place(data, rng) :]


def lose(data: Bytes, rng: np.random.Generator) -> None:
    """Take away a piece."""
    at = _place(data, rng)
    del data[at : at + int(rng.integers(1, max(2, len(data) // 4)))]


def double(data: Bytes, rng: np.random.Generator) -> None:
    """Repeat a piece."""
    at = _place(data, rng)
    piece = data[at : at + int(rng.integers(1, 4096))]
    data[at:at] = piece * int(rng.integers(1, 5))


def token(data: Bytes, rng: np.random.Generator) -> None:
    """Insert a text that means something to some parser."""
    at = _place(data, rng)
    data[at:at] = str(rng.choice(np.array(_TOKENS, dtype=object))).encode()


MUTATIONS: tuple[Mutation, ...] = (flip, flip, overwrite, number, cut, lose, double)
TEXT_MUTATIONS: tuple[Mutation, ...] = (flip, token, token, token, cut, lose, double)


def mutated(seed: bytes, mutations: Sequence[Mutation], rng: np.random.Generator) -> bytes:
    """Return ``seed`` after one to four mutations, most often one."""
    data = bytearray(seed)
    for _ in range(min(4, int(rng.geometric(0.6)))):
        mutations[int(rng.integers(len(mutations)))](data, rng)
    return bytes(data)
