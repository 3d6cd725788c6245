"""Saying in which module of a network an error was raised."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..nn.module import Module


def name_module(error: Exception, module: Module) -> None:
    """Note on an error the path, from `module`, of the module in which it was raised."""
    inner: Module | None = getattr(error, "_minitorch_module", None)
    if inner is None:
        error._minitorch_module = module  # type: ignore[attr-defined]
        return
    if inner is module or "_modules" not in vars(module):
        return
    path = next((name for name, each in module.named_modules() if each is inner), "")
    if not path:
        return
    old = getattr(error, "_minitorch_note", None)
    notes = getattr(error, "__notes__", [])
    if old in notes:
        notes.remove(old)
    note = f"raised in module '{path}': {type(inner).__name__}({inner.extra_repr()})"
    error._minitorch_note = note  # type: ignore[attr-defined]
    error.add_note(note)
