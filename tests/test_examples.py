"""What the example scripts promise of what they learn and save, run as a user runs them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

for needed in ("matplotlib", "sklearn", "tqdm"):
    pytest.importorskip(needed)

ROOT = Path(__file__).parents[1]


def run(name, folder, *options):
    """What an example prints, started in some folder."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    done = subprocess.run(
        [sys.executable, "-W", "error", ROOT / "examples" / f"{name}.py", *options],
        cwd=folder,
        # In one thread: on a busy machine several would wait for each other.
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(paths),
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        },
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert "epoch/s" in done.stderr or "s/epoch" in done.stderr  # the progress bar
    return done.stdout


def test_convolutions_read_98_percent_of_the_test_digits(tmp_path):
    printed = run("digits_convolution", tmp_path)
    (share,) = re.findall(r"^test accuracy (\S+) after 15 epochs$", printed, flags=re.M)
    assert float(share) >= 0.98


@pytest.mark.parametrize(
    "name",
    [
        "character_lstm",
        "character_transformer",
        "digits",
        "digits_autoencoder",
        "digits_convolution",
    ],
)
def test_plot_saves_a_picture(name, tmp_path):
    assert "saved as picture.png" in run(name, tmp_path, "--epochs", "1", "--plot", "picture.png")
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")
