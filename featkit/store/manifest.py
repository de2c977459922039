"""The manifest: everything about a store but its blocks, in one checksummed object.

It holds the clips, the features, and the metadata document of every array that other readers of
Zarr see. Replacing it is what makes a change of clips or features happen. A spare copy serves
``verify --repair``.
"""

import json
import struct
from dataclasses import dataclass, field
from typing import Any

from featkit.errors import StoreError
from featkit.store.objects import Objects
from featkit.store.shards import checksum, compressed, expanded

FORMAT = 2
# The first version of featkit that reads this format.
NEEDS = "0.1.0"
# Zarr does not list the folders of arrays, so the manifest is out of other readers' way there.
PLACE, SPARE = "id/manifest", "label/manifest"
REPAIR = "run 'featkit verify --repair' on it"
_MAGIC = b"featkit-manifest"
_HEADER = struct.Struct("<16sIQ")


@dataclass(frozen=True, eq=False)
class Manifest:
    """What a store holds.

    Attributes
    ----------
    dataset, root, protocol : str
    about : dict
        As in the dataset.
    shard_clips : int
        Clips in one block.
    columns : dict of str to list
        ``id, path, label, group, split, fold, start, duration, active``: one entry per row.
    features : dict of str to dict
        Attributes of each feature by its key.
    documents : dict of str to dict
        Metadata of the group (under the empty name) and of each array, as in its ``zarr.json``.
    """

    dataset: str
    shard_clips: int
    root: str = ""
    protocol: str = "none"
    about: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, list[Any]] = field(default_factory=dict)
    features: dict[str, dict[str, Any]] = field(default_factory=dict)
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.columns["id"])

    @property
    def blocks(self) -> int:
        """How many blocks the rows take."""
        return -(-len(self) // self.shard_clips)


def encode(manifest: Manifest) -> bytes:
    """Return the manifest's bytes: magic word, format, length, zstd of JSON, crc32c of all."""
    text = json.dumps(vars(manifest), sort_keys=True, separators=(",", ":")).encode()
    payload = compressed(text)
    body = _HEADER.pack(_MAGIC, FORMAT, len(payload)) + payload
    return body + checksum(body)


def decode(data: bytes | None) -> Manifest:
    """Return the manifest of some bytes.

    Raises
    ------
    StoreError
        If there are none, they are damaged, or of another format.
    """
    if data is None:
        raise StoreError("the manifest is missing")
    if len(data) < _HEADER.size + 4 or checksum(data[:-4]) != data[-4:]:
        raise StoreError("the manifest is damaged")
    magic, version, length = _HEADER.unpack_from(data)
    if magic != _MAGIC or version != FORMAT or length != len(data) - _HEADER.size - 4:
        raise StoreError("the object is not the manifest")
    return Manifest(**json.loads(expanded(data[_HEADER.size : -4])))


def write(objects: Objects, manifest: Manifest) -> None:
    """Replace the manifest: first the spare copy, then the one that counts."""
    data = encode(manifest)
    objects.put([(SPARE, data), (PLACE, data)])


def mend_spare(objects: Objects, manifest: Manifest) -> None:
    """Write the spare copy again if it differs, as after a kill between the two copies."""
    data = encode(manifest)
    if objects.get(SPARE) != data:
        objects.put([(SPARE, data)])


def read(objects: Objects, salvage: bool = False) -> Manifest:
    """Return the manifest of a store; with ``salvage``, the spare copy where it is damaged.

    Raises
    ------
    StoreError
        If there is no store, it is of another format, or the manifest is damaged.
    """
    try:
        return decode(objects.get(PLACE))
    except StoreError as error:
        _check_format(objects)
        if not salvage:
            raise StoreError(f"{objects.path!r}: {error}; {REPAIR}") from error
    try:
        return decode(objects.get(SPARE))
    except StoreError as error:
        raise StoreError(
            f"{objects.path!r}: both copies of the manifest are lost; extract the dataset into a "
            "new store"
        ) from error


def is_store(objects: Objects) -> bool:
    """Whether there is a store of any format, damaged or not.

    A spare manifest alone is what is left of a store that was not made whole.
    """
    return objects.get(PLACE) is not None or "featkit_format" in _attributes(objects)


def _check_format(objects: Objects) -> None:
    """Raise StoreError if there is no store of this format here, whole or damaged."""
    version = _attributes(objects).get("featkit_format")
    if version == 1:
        raise StoreError(
            f"{objects.path!r} has format 1; this version of featkit reads format {FORMAT}: "
            "'featkit store migrate' converts it"
        )
    if isinstance(version, int) and version > FORMAT:
        needs = _attributes(objects).get("featkit_needs", "a newer version")
        raise StoreError(
            f"{objects.path!r} has format {version}; this version of featkit reads format "
            f"{FORMAT}: it needs featkit {needs} or newer"
        )
    if not is_store(objects) and objects.get(SPARE) is None:
        if objects.get("zarr.json") is None:
            raise StoreError(f"no store at {objects.path!r}")
        raise StoreError(f"{objects.path!r} is a Zarr group, but not a featkit store")


def _attributes(objects: Objects) -> dict[str, Any]:
    """Return the attributes of the root group; none where they cannot be read."""
    try:
        document = json.loads(objects.get("zarr.json") or b"{}")
        attributes = document.get("attributes", {})
    except (ValueError, AttributeError):
        return {}
    return attributes if isinstance(attributes, dict) else {}
