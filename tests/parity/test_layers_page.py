"""The table of layers lists PyTorch's names, and is up to date."""

import runpy
from pathlib import Path

import torch

ROOT = Path(__file__).parent.parent.parent
make_layers = runpy.run_path(str(ROOT / "docs" / "make_layers.py"))


def test_the_table_is_up_to_date():
    written = (ROOT / "docs" / "layers.md").read_text(encoding="utf-8")
    assert written == make_layers["page"](torch.nn), "run `python docs/make_layers.py`"
