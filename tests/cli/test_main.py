"""Exit statuses, and what the command line imports."""

import textwrap

from conftest import cli, python


def test_exit_statuses(audio_folder, tmp_path):
    folder = audio_folder(4)
    assert cli(tmp_path, "extract", folder, "-f", "nope", "--store", tmp_path / "s").wait() == 2
    (folder / "low" / "bad.wav").write_bytes(b"")
    assert (
        cli(tmp_path, "extract", folder, "-f", "mfcc_stats", "--store", tmp_path / "s").wait() == 1
    )
    arguments = (
        "extract",
        folder,
        "-f",
        "mfcc_stats",
        "--store",
        tmp_path / "s",
        "--fail-threshold",
        "0.5",
    )
    assert cli(tmp_path, *arguments).wait() == 0
    assert (
        cli(
            tmp_path,
            "evaluate",
            tmp_path / "s",
            "-f",
            "mfcc_stats",
            "-c",
            "nope",
            "--out",
            tmp_path / "r",
        ).wait()
        == 2
    )


def test_importing_featkit_loads_nothing_heavy():
    code = textwrap.dedent("""
        import sys, featkit, featkit_cli.main
        heavy = "torch dask distributed librosa sklearn pandas zarr numba matplotlib".split()
        heavy = set(heavy) & set(sys.modules)
        sys.exit(", ".join(heavy) or 0)
    """)
    status, _, heavy = python(code)
    assert status == 0, heavy


def test_a_full_disk_is_one_line(audio_folder, tmp_path):
    folder = audio_folder(4)
    code = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000)); "
    code += "from featkit_cli.main import main; main()"
    words = ["extract", folder, "-f", "mfcc_stats", "--store", tmp_path / "s"]
    done = python(code, *words, place=tmp_path)
    assert done.status and "Traceback" not in done.err
    assert "cannot be written: File too large" in done.err
