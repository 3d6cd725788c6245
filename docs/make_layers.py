"""Write docs/layers.md: every public name of torch.nn and torch.nn.functional, and its state here.

Run it from the project's root after adding a layer: `python docs/make_layers.py`. It needs PyTorch
(`pip install torch==2.13.0`), whose names it lists. The tests compare the page with what is there.
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from minitorch import nn

PAGE = Path(__file__).with_name("layers.md")
INTRODUCTION = """\
# Layers

Every public name of `torch.nn` and `torch.nn.functional` in PyTorch 2.13, and what of it is here.
*Written* layers have their `forward` and `backward` side by side in the file that is named;
*derived* ones are compositions, whose `backward` follows from the layers that they call;
*transparent* ones only pass their input on to others. What is not here yet has a dash.

This page is made by `python docs/make_layers.py`.
"""
WRITTEN, DERIVED, TRANSPARENT, HERE, MISSING = "written", "derived", "transparent", "yes", "—"
_NO_NAMES = {"Tensor", "DType", "ScalingType", "SwizzleType", "boolean_dispatch"}
_HOMES = ("torch", "torch._C._nn", "torch.nn.functional")


def layer_names(torch_nn: ModuleType) -> list[str]:
    """The public names of torch.nn."""
    return [name for name in dir(torch_nn) if not name.startswith("_")]


def function_names(functional: ModuleType) -> list[str]:
    """The public functions of torch.nn.functional, without the helpers that it imports."""
    return [
        name
        for name in dir(functional)
        if not name.startswith(("_", "has_torch_function", "assert_"))
        and name not in _NO_NAMES
        and callable(getattr(functional, name))
        and getattr(getattr(functional, name), "__module__", None) in _HOMES
    ]


def state(owner: ModuleType, name: str) -> str:
    """What of a name of PyTorch is here."""
    value = getattr(owner, name, None)
    if value is None:
        return MISSING
    pair = getattr(value, "_pair", None)
    if not inspect.isclass(value) or pair is None:
        return HERE
    if pair.transparent:
        return TRANSPARENT
    return DERIVED if pair.backward is None else WRITTEN


def file_of(value: Any) -> str:
    """Where a class or a function is defined."""
    if value is None:
        return ""
    module = value.__name__ if isinstance(value, ModuleType) else value.__module__
    return f"`{module.replace('.', '/')}.py`" if not isinstance(value, ModuleType) else ""


def table(owner: ModuleType, names: list[str]) -> list[str]:
    """A row for each name."""
    lines = ["| name | here | file |", "|---|---|---|"]
    for name in names:
        lines.append(f"| `{name}` | {state(owner, name)} | {file_of(getattr(owner, name, None))} |")
    return lines


def page(torch_nn: ModuleType) -> str:
    """The whole page."""
    layers, functions = layer_names(torch_nn), function_names(torch_nn.functional)
    sections = [INTRODUCTION]
    for title, owner, names in (
        ("torch.nn", nn, layers),
        ("torch.nn.functional", nn.functional, functions),
    ):
        present = sum(state(owner, name) != MISSING for name in names)
        sections += [f"## {title}\n", f"{present} of {len(names)} names.\n"]
        sections += ["\n".join(table(owner, names)) + "\n"]
    return "\n".join(sections)


if __name__ == "__main__":
    import torch

    PAGE.write_text(page(torch.nn), encoding="utf-8")
    print(f"wrote {PAGE}", file=sys.stderr)
