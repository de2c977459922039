"""The manifest: everything about a store but its blocks, in one checksummed object.

It holds the clips, the features, and the metadata document of every array that other readers of
Zarr see. Replacing it is what makes a change of clips or features happen. There are two copies:
the spare one is written first and makes the change happen, and the newer of the two is read, so
that neither a kill nor an old copy put back loses a change.
"""

import json
import secrets
import struct
from dataclasses import dataclass, field, replace
from typing import Any

from featkit.errors import StoreError
from featkit.store.objects import Objects
from featkit.store.shards import checksum, compressed, expanded

FORMAT = 3
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
    written : dict of str to list of int
        For each feature's key, how often each block had been written when this was last noted: a
        block that says less is an older version, put back.
    published : bool
        Whether the store is finished: only read, its metadata in one document.
    uid : str
        The store's own name, drawn when it was made: blocks of other stores are not its own.
    generation : int
        Rises each time the manifest is written.
    """

    dataset: str
    shard_clips: int
    root: str = ""
    protocol: str = "none"
    about: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, list[Any]] = field(default_factory=dict)
    features: dict[str, dict[str, Any]] = field(default_factory=dict)
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    written: dict[str, list[int]] = field(default_factory=dict)
    published: bool = False
    uid: str = ""
    generation: int = 0

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


def new_uid() -> str:
    """Return a name for a new store."""
    return secrets.token_hex(8)


def format_of(data: bytes | None) -> int | None:
    """Return the format of a manifest's bytes; None where they are damaged or no manifest."""
    if data is None or len(data) < _HEADER.size + 4 or checksum(data[:-4]) != data[-4:]:
        return None
    magic, version, length = _HEADER.unpack_from(data)
    whole = magic == _MAGIC and length == len(data) - _HEADER.size - 4
    return int(version) if whole else None


def decode(data: bytes | None, version: int = FORMAT) -> Manifest:
    """Return the manifest of some bytes.

    Raises
    ------
    StoreError
        If there are none, they are damaged, or of another format.
    """
    if data is None:
        raise StoreError("the manifest is missing")
    present = format_of(data)
    if present is None:
        raise StoreError("the manifest is damaged")
    if present != version:
        raise StoreError(f"the manifest is of format {present}, not {version}")
    return Manifest(**json.loads(expanded(data[_HEADER.size : -4])))


def write(objects: Objects, manifest: Manifest) -> Manifest:
    """Replace both copies, the spare one first; return the manifest as it was written."""
    manifest = replace(manifest, generation=manifest.generation + 1)
    data = encode(manifest)
    objects.put([(SPARE, data), (PLACE, data)])
    return manifest


def mend(objects: Objects, manifest: Manifest) -> None:
    """Write the copies that differ from the manifest, as after a kill between the two."""
    data = encode(manifest)
    objects.put([(place, data) for place in (SPARE, PLACE) if objects.get(place) != data])


def read(objects: Objects, salvage: bool = False) -> Manifest:
    """Return the manifest of a store: the newer of its copies, or with ``salvage`` the good one.

    Raises
    ------
    StoreError
        If there is no store, it is of another format, or the manifest is damaged.
    """
    data, spare = objects.get(PLACE), objects.get(SPARE)
    first = _copy(data)
    copies = [first, first if spare == data else _copy(spare)]
    if isinstance(first, StoreError):
        _check_format(objects)
    good = [copy for copy in copies if isinstance(copy, Manifest)]
    if not good:
        raise StoreError(
            f"{objects.path!r}: both copies of the manifest are lost; extract the dataset into a "
            "new store"
        )
    if len({copy.uid for copy in good}) > 1:
        if not salvage:
            raise StoreError(f"{objects.path!r}: a manifest is of another store; {REPAIR}")
        uid = _attributes(objects).get("uid", good[0].uid)
        good = [copy for copy in good if copy.uid == uid] or good
    elif isinstance(first, StoreError) and not salvage:
        raise StoreError(f"{objects.path!r}: {first}; {REPAIR}") from first
    return max(good, key=lambda copy: copy.generation)


def _copy(data: bytes | None) -> Manifest | StoreError:
    """Return one copy of the manifest, or what is wrong with it."""
    try:
        return decode(data)
    except StoreError as error:
        return error


def is_store(objects: Objects) -> bool:
    """Whether there is a store of any format, damaged or not.

    A spare manifest alone is what is left of a store that was not made whole.
    """
    return objects.get(PLACE) is not None or "featkit_format" in _attributes(objects)


def _check_format(objects: Objects) -> None:
    """Raise StoreError if there is no store of this format here, whole or damaged."""
    version = version_of(objects)
    if version in range(1, FORMAT):
        raise StoreError(
            f"{objects.path!r} has format {version}; this version of featkit reads format "
            f"{FORMAT}: 'featkit store migrate' converts it"
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


def version_of(objects: Objects) -> Any:
    """Return the format of the store, whether its manifest can be read or not; None for none."""
    here = format_of(objects.get(PLACE))
    return here or _attributes(objects).get("featkit_format")


def _attributes(objects: Objects) -> dict[str, Any]:
    """Return the attributes of the root group; none where they cannot be read."""
    try:
        document = json.loads(objects.get("zarr.json") or b"{}")
        attributes = document.get("attributes", {})
    except (ValueError, AttributeError):
        return {}
    return attributes if isinstance(attributes, dict) else {}
