"""Tools around training: loading data."""

from __future__ import annotations

import importlib
from types import ModuleType

__all__ = ["data"]


def __getattr__(name: str) -> ModuleType:
    """Import `data` when it is first asked for, since many scripts do without."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return importlib.import_module(f".{name}", __name__)
