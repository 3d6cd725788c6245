"""Arguments and results may nest arrays in tuples, lists and dicts; this walks them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


def leaves(structure: Any) -> Iterator[Any]:
    """Yield what `structure` holds, in order, looking into tuples, lists and dicts.

    Example:
        >>> list(leaves((1, [2, {"a": 3}])))
        [1, 2, 3]
    """
    if isinstance(structure, (tuple, list)):
        for item in structure:
            yield from leaves(item)
    elif isinstance(structure, dict):
        for item in structure.values():
            yield from leaves(item)
    else:
        yield structure


def transform(function: Callable[[Any], Any], structure: Any) -> Any:
    """Rebuild `structure` with `function` applied to each leaf; its nesting stays.

    Example:
        >>> transform(lambda leaf: leaf * 2, (1, [2, {"a": 3}]))
        (2, [4, {'a': 6}])
    """
    if isinstance(structure, tuple):
        items = [transform(function, item) for item in structure]
        if hasattr(structure, "_fields"):  # a namedtuple takes its fields one by one
            return type(structure)(*items)
        return tuple(items)
    if isinstance(structure, list):
        return [transform(function, item) for item in structure]
    if isinstance(structure, dict):
        return {key: transform(function, item) for key, item in structure.items()}
    return function(structure)
