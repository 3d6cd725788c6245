"""Collation: from a list of samples to a batch of Tensors."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, MutableMapping, MutableSequence, Sequence
from typing import Any, TypeAlias

import numpy as np

from ... import dtypes
from ...autograd.variable import wrap
from ...ops.creation import as_tensor, tensor
from ...ops.shape import stack
from ...tensor import Tensor

__all__ = ["collate", "default_collate", "default_collate_fn_map", "default_convert"]

CollateMap: TypeAlias = dict[type | tuple[type, ...], Callable[..., Any]]

_WITHOUT_DTYPE = frozenset("SUO")  # the kinds of arrays that no Tensor holds: text and objects


# -- one sample ---------------------------------------------------------------------------


def default_convert(data: Any) -> Any:
    """Make Tensors of the arrays and NumPy numbers in one sample, however nested.

    What `DataLoader` does where it makes no batches. Tensors share the memory of the arrays.
    Mappings and sequences keep their class; plain tuples become lists. Anything else, Python's
    numbers and strings among it, is left as it is.

    Args:
        data: the sample.

    Example:
        >>> import numpy as np
        >>> from minitorch.utils.data import default_convert
        >>> default_convert({"x": np.array([0, 1]), "y": 2, "z": (np.float32(3.0), "text")})
        {'x': tensor([0, 1]), 'y': 2, 'z': [tensor(3.), 'text']}
    """
    own = type(data)
    if isinstance(data, Tensor):
        return data
    if own.__module__ == "numpy" and own is not np.str_:
        if isinstance(data, np.ndarray) and data.dtype.kind in _WITHOUT_DTYPE:
            return data
        return as_tensor(data)
    if isinstance(data, Mapping):
        return _mapping_like(data, {key: default_convert(data[key]) for key in data})
    if _is_namedtuple(data):
        return own(*(default_convert(each) for each in data))
    if isinstance(data, Sequence) and not isinstance(data, (str, bytes)):
        return _sequence_like(data, [default_convert(each) for each in data])
    return data


# -- containers ---------------------------------------------------------------------------


def _is_namedtuple(value: Any) -> bool:
    return isinstance(value, tuple) and hasattr(value, "_fields")


def _mapping_like(model: Any, items: dict[Any, Any]) -> Any:
    """A mapping of the model's class with these items; a dict where that cannot be made."""
    try:
        if isinstance(model, MutableMapping):
            result = copy.copy(model)  # it may have attributes of its own
            result.update(items)
            return result
        return type(model)(items)
    except TypeError:
        return items


def _sequence_like(model: Any, items: list[Any]) -> Any:
    """A sequence of the model's class with these items; a list where that cannot be made.

    A tuple becomes a list, as in PyTorch.
    """
    if isinstance(model, tuple):
        return items
    try:
        if isinstance(model, MutableSequence):
            result = copy.copy(model)  # it may have attributes of its own
            for place, item in enumerate(items):
                result[place] = item
            return result
        return type(model)(items)
    except TypeError:
        return items


# -- samples to a batch -------------------------------------------------------------------


def collate(batch: Sequence[Any], *, collate_fn_map: CollateMap | None = None) -> Any:
    """Make a batch of samples, by a table that says how for each type.

    The first sample's type is looked up in the table, then the first entry is taken that it is
    an instance of. Mappings and sequences of another type are collated item by item.

    Args:
        batch: the samples, which are alike.
        collate_fn_map: from a type, or a tuple of types, to a function that is called as
            `function(batch, collate_fn_map=collate_fn_map)`. Default: an empty table.

    Raises:
        TypeError: there is no entry for a type.
        RuntimeError: sequences beside one another differ in length.
        KeyError: a mapping lacks a key of the first one.

    Example:
        >>> from minitorch.utils.data.collate import collate, default_collate_fn_map
        >>> def longest(batch, *, collate_fn_map):
        ...     return max(batch, key=len)
        >>> collate([("a", 1), ("bcd", 2)], collate_fn_map={**default_collate_fn_map, str: longest})
        ['bcd', tensor([1, 2])]
    """
    first = batch[0]
    function = _entry(type(first), collate_fn_map or {})
    if function is not None:
        return function(batch, collate_fn_map=collate_fn_map)
    if isinstance(first, Mapping):
        items = {
            key: collate([sample[key] for sample in batch], collate_fn_map=collate_fn_map)
            for key in first
        }
        return _mapping_like(first, items)
    if not isinstance(first, Sequence):
        raise TypeError(_cannot_collate(type(first)))
    if not _is_namedtuple(first) and any(len(sample) != len(first) for sample in batch):
        raise RuntimeError(
            "the sequences in a batch must be of equal length, got "
            f"{[len(sample) for sample in batch]}; pad them in a collate_fn of your own"
        )
    columns = [
        collate(column, collate_fn_map=collate_fn_map) for column in zip(*batch, strict=False)
    ]
    return type(first)(*columns) if _is_namedtuple(first) else _sequence_like(first, columns)


def _entry(kind: type, collate_fn_map: CollateMap) -> Callable[..., Any] | None:
    """The function for a type: its own, or that of the first type it is a subclass of."""
    if kind in collate_fn_map:
        return collate_fn_map[kind]
    for types, function in collate_fn_map.items():
        if issubclass(kind, types):
            return function
    return None


def _cannot_collate(found: Any) -> str:
    return (
        "default_collate makes batches of tensors, NumPy arrays, numbers, strings, dicts and "
        f"lists, not of {found}; give DataLoader a collate_fn that does"
    )


def _collate_tensors(batch: Sequence[Any], *, collate_fn_map: Any = None) -> Tensor:
    shape, dtype = batch[0].array.shape, batch[0].array.dtype
    arrays = []
    for each in batch:
        if not isinstance(each, Tensor) or each.requires_grad:
            break
        if each.array.shape != shape or each.array.dtype != dtype:
            break
        arrays.append(each.array)
    else:
        return wrap(np.array(arrays))  # the quickest way to stack arrays that are alike
    return stack(list(batch))  # records, promotes, or says what does not fit


def _collate_arrays(batch: Sequence[Any], *, collate_fn_map: Any = None) -> Any:
    if batch[0].dtype.kind in _WITHOUT_DTYPE:
        raise TypeError(_cannot_collate(f"arrays of {batch[0].dtype}"))
    return collate([as_tensor(each) for each in batch], collate_fn_map=collate_fn_map)


def _collate_numpy_numbers(batch: Sequence[Any], *, collate_fn_map: Any = None) -> Tensor:
    return as_tensor(batch)


def _collate_floats(batch: Sequence[Any], *, collate_fn_map: Any = None) -> Tensor:
    return tensor(batch, dtype=dtypes.float64)


def _collate_integers(batch: Sequence[Any], *, collate_fn_map: Any = None) -> Tensor:
    return tensor(batch)


def _collate_strings(batch: Sequence[Any], *, collate_fn_map: Any = None) -> Sequence[Any]:
    return batch


# In this order: a NumPy number may also be a float, and a bool is an int.
default_collate_fn_map: CollateMap = {
    Tensor: _collate_tensors,
    np.ndarray: _collate_arrays,
    (np.bool_, np.number, np.object_): _collate_numpy_numbers,
    float: _collate_floats,
    int: _collate_integers,
    str: _collate_strings,
    bytes: _collate_strings,
}


def default_collate(batch: Sequence[Any]) -> Any:
    """Make a batch of samples: the first dimension of its Tensors counts the samples.

    ==================== ===================================================================
    samples              batch
    ==================== ===================================================================
    Tensors, arrays      a Tensor of shape (samples, *shape of one)
    NumPy numbers        a Tensor of their dtype
    floats               a Tensor of float64
    ints, bools          a Tensor of int64 or bool
    str, bytes           the list as it is
    mappings             a mapping of the first one's class, each item collated
    namedtuples          a namedtuple, each field collated
    tuples               a list, each item collated
    other sequences      a sequence of the first one's class, each item collated
    ==================== ===================================================================

    To treat a further type, put a function in `default_collate_fn_map` of
    `minitorch.utils.data.collate`.

    Args:
        batch: the list of samples, which are alike.

    Raises:
        TypeError: the samples are, or hold, something else.
        RuntimeError: Tensors beside one another differ in shape, or sequences in length.
        KeyError: a mapping lacks a key of the first one.

    Example:
        >>> from minitorch.utils.data import default_collate
        >>> default_collate([(1, "a", {"x": 0.5}), (2, "b", {"x": 1.5})])
        [tensor([1, 2]), ('a', 'b'), {'x': tensor([0.5000, 1.5000], dtype=minitorch.float64)}]
    """
    return collate(batch, collate_fn_map=default_collate_fn_map)
