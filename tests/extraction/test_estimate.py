"""What an extraction would cost."""

from conftest import LOGMEL, MFCC, fill

from featkit.extraction import estimate, status
from featkit.store import Store


def test_an_estimate_writes_nothing_and_is_near(audio_folder, tmp_path):
    folder = audio_folder(16)
    found = estimate(str(folder), (MFCC, LOGMEL))
    fill(folder, tmp_path / "s")
    stored = sum(item["bytes"] for item in status(Store(tmp_path / "s"))["features"].values())
    assert found["clips"] == 16 and 0.3 * stored < found["bytes"] < stored
