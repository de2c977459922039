"""How large a bundle may be once it is unpacked, whatever its few bytes on disk claim.

The limit is 2 GiB for all that a bundle's classifier holds, unless the environment variable
`VARIABLE` gives another number of GiB. It is checked before memory is taken.
"""

import io
import math
import zipfile
from typing import IO, Any

import numpy as np

from featkit.audio.limits import from_environment
from featkit.errors import BundleError

VARIABLE = "FEATKIT_MAX_BUNDLE_GIB"
DEFAULT_GIB = 2.0
# Text takes many times its size once it is parsed.
LARGEST_JSON = 64 << 20
SCHEMA = "schema.json"


def max_bytes() -> int:
    """Return the largest size in bytes of what a bundle holds; raises as `from_environment`."""
    return from_environment(VARIABLE, DEFAULT_GIB)


def check_size(size: int, what: str, limit: int | None = None) -> None:
    """Raise BundleError if ``what`` has more bytes than a limit, by default that of `max_bytes`."""
    most = max_bytes() if limit is None else limit
    if size > most:
        hint = f" ({VARIABLE})" if limit is None else ""
        raise BundleError(f"{what} has {size:,} bytes; at most {most:,} are read{hint}")


def check_archive(data: bytes, name: str) -> None:
    """Raise BundleError if an archive, or one inside it, unpacks to more than the limit, or an
    array claims more values than there are.

    Raises
    ------
    zipfile.BadZipFile, ValueError
        If it is not an archive, or an array in it has no header.
    """
    _check_archive(data, name, 0)


def _check_archive(data: bytes, name: str, total: int) -> int:
    """Return ``total`` and the bytes that an archive unpacks to."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        total += sum(item.file_size for item in archive.infolist())
        check_size(total, f"what {name} unpacks to")
        for item in archive.infolist():
            if item.filename == SCHEMA:
                check_size(item.file_size, SCHEMA, LARGEST_JSON)
            elif item.filename.endswith(".npy"):
                with archive.open(item) as member:
                    _check_array(member, item)
            elif item.filename.endswith(".npz"):
                total = _check_archive(archive.read(item), item.filename, total)
    return total


def _check_array(member: IO[bytes], item: zipfile.ZipInfo) -> None:
    version = np.lib.format.read_magic(member)
    readers: dict[Any, Any] = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    if version not in readers:
        raise BundleError(f"the array {item.filename} has the unknown version {version}")
    shape, _, dtype = readers[version](member)
    if math.prod(shape) * dtype.itemsize != item.file_size - member.tell():
        raise BundleError(
            f"the array {item.filename} claims the shape {shape} of {dtype}, and has "
            f"{item.file_size - member.tell():,} bytes"
        )
