"""Handles that take a hook away again."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any

_ids = itertools.count()


class RemovableHandle:
    """What registering a hook returns: `remove()` takes the hook away again.

    A handle is also a context manager that removes its hook at the end of the block.

    Args:
        hooks: the mapping that holds the hook under the handle's `id`.
        extra: further mappings that hold something under the same id.

    Example:
        >>> import minitorch
        >>> x = minitorch.ones(1, requires_grad=True)
        >>> with x.register_hook(lambda grad: grad * 10):
        ...     (x * 2).sum().backward()
        >>> x.grad
        tensor([20.])
    """

    def __init__(self, hooks: MutableMapping[int, Any], *extra: MutableMapping[int, Any]) -> None:
        self.id = next(_ids)
        self._mappings: list[Any] = [_reference(mapping) for mapping in (hooks, *extra)]

    def remove(self) -> None:
        """Take the hook away; doing it twice does nothing."""
        for reference in self._mappings:
            mapping = reference()
            if mapping is not None:
                mapping.pop(self.id, None)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.remove()


class HookTable(dict[int, Any]):
    """A dict of hooks in calling order, to which handles hold only weak references."""

    def __reduce__(self) -> Any:
        return HookTable, (), None, None, iter(self.items())

    def add(self, hook: Any, *, prepend: bool = False) -> RemovableHandle:
        """Register `hook` last, or first if `prepend`, and return its handle."""
        handle = RemovableHandle(self)
        self[handle.id] = hook
        if prepend:
            others = [(key, value) for key, value in self.items() if key != handle.id]
            self.clear()
            self[handle.id] = hook
            self.update(others)
        return handle


def _reference(mapping: MutableMapping[int, Any]) -> Any:
    """A weak reference where the mapping allows one, else a strong one."""
    try:
        return weakref.ref(mapping)
    except TypeError:
        return lambda: mapping
